/** Keeps secrets out of logs and messages. */

/** Adds members to an object that can be read by name, but that no copy, inspection or JSON shows. */
export function conceal<Shown extends object, Secrets extends object>(
  shown: Shown,
  secrets: Secrets,
): Shown & Secrets {
  const hidden = Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [name, { value, enumerable: false }]),
  );
  return Object.defineProperties(shown, hidden) as Shown & Secrets;
}

/** Replaces secrets in a text by `[…]`, also where they are encoded as in a form or a URL. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => {
    const encoded = encodeURIComponent(secret.toWellFormed());
    const forms = [secret, encoded, encoded.replaceAll("%20", "+")];
    return forms.reduce((rest, form) => rest.replaceAll(form, "[…]"), rest);
  }, text);
}

/** Removes user and password from each URL in a text. */
export function withoutUserInfo(text: string): string {
  return text.replace(/(\w:\/\/)[^/\s]*@/g, "$1");
}
