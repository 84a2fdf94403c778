/** A certificate for hosts that are only played. */
import { generateKeyPairSync } from "node:crypto";
import forge from "../std/forge.ts";

/** A key and its certificate, as PEM; the certificate vouches for itself. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate for some hosts, good for a day. */
export function certificateFor(hosts: readonly string[]): Certificate {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = String(privateKey.export({ type: "pkcs1", format: "pem" }));
  const signer = forge.pki.privateKeyFromPem(key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(signer.n, signer.e);
  certificate.serialNumber = "01";
  certificate.validity.notBefore = new Date(Date.now() - 3_600_000);
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  const name = [{ name: "commonName", value: hosts[0] ?? "" }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: "basicConstraints", cA: true },
    { name: "subjectAltName", altNames: hosts.map((value) => ({ type: 2, value })) },
  ]);
  certificate.sign(signer, forge.md.sha256.create());
  return { key, cert: forge.pki.certificateToPem(certificate) };
}
