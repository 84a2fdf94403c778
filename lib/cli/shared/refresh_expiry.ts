/** When a login ends. */

import type { Credential } from "../../client/tokens/credential.ts";
import { finite } from "../../kimi/util/json.ts";
import { readClaims } from "../../kimi/util/jwt.ts";

/** The last millisecond of a Date. Source: ECMA-262 §21.4.1.1. */
const END_OF_TIME = 8.64e15;

/** When the refresh token expires, in milliseconds since 1970; undefined if its claims do not say. */
export function refreshExpires({ refresh }: Pick<Credential, "refresh">): number | undefined {
  const expires = (finite(readClaims(refresh)?.exp) ?? Infinity) * 1000;
  return Math.abs(expires) <= END_OF_TIME ? expires : undefined;
}
