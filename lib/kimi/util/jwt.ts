/** JSON Web Tokens, as far as a client reads them. */

import { type JsonObject, parseObject, text } from "./json.ts";

/** Reads the claims of a JWT, unverified (RFC 7519 §3); undefined if the token is not a JWT. */
export function readClaims(token: string): JsonObject | undefined {
  const [, payload, signature] = token.split(".", 3);
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const bytes = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const codes = Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
    return parseObject(new TextDecoder().decode(codes));
  } catch {
    return undefined;
  }
}

/** The account's id in an access token; "" if that does not tell it. */
export function accountId(access: string): string {
  const claims = readClaims(access);
  return text(claims?.user_id) ?? text(claims?.sub) ?? "";
}
