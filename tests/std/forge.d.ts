// Types for the part of node-forge that the tests use; npm's own come apart from it.
interface Key {
  readonly n: unknown;
  readonly e: unknown;
}

interface Certificate {
  publicKey: unknown;
  serialNumber: string;
  validity: { notBefore: Date; notAfter: Date };
  setSubject(attributes: readonly object[]): void;
  setIssuer(attributes: readonly object[]): void;
  setExtensions(extensions: readonly object[]): void;
  sign(key: Key, digest: unknown): void;
}

declare const forge: {
  readonly pki: {
    privateKeyFromPem(pem: string): Key;
    setRsaPublicKey(n: unknown, e: unknown): unknown;
    createCertificate(): Certificate;
    certificateToPem(certificate: Certificate): string;
  };
  readonly md: { readonly sha256: { create(): unknown } };
};

export default forge;
