/**
 * Objects that do not show what they keep.
 *
 * @module
 */

/**
 * Adds members that can be read by name, but that no inspection, copy or JSON of the object shows.
 *
 * @param shown The object; it is changed.
 * @param secrets Its members that are not shown.
 * @returns The same object.
 * @example
 * ```ts
 * import { conceal } from "./redact.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const login = conceal({ user: "u1" }, { token: "t1" });
 * assertEquals(login.token, "t1");
 * assertEquals(JSON.stringify(login), '{"user":"u1"}');
 * ```
 */
export function conceal<Shown extends object, Secrets extends object>(
  shown: Shown,
  secrets: Secrets,
): Shown & Secrets {
  const hidden = Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [name, { value, enumerable: false }]),
  );
  return Object.defineProperties(shown, hidden) as Shown & Secrets;
}

/**
 * Takes secrets out of a text that a server wrote.
 *
 * @param text The text.
 * @param secrets What must not stand in it.
 * @returns The text with `[…]` in their place.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, "[…]"), text);
}

/** Removes user and password from each URL in a text. */
export function withoutUserInfo(text: string): string {
  return text.replace(/(\w:\/\/)[^/\s]*@/g, "$1");
}
