/** A login, and how long its access token is good for: all that an ordinary request needs to know of it. */

import type { Hosts } from "../../kimi/identity/hosts.ts";

/** A login. The tokens are not enumerable. */
export interface Credential {
  /** Bearer token. */
  readonly access: string;
  /** Good for one refresh. */
  readonly refresh: string;
  /** When the access token expires, in milliseconds since 1970, by the clock that stored it. */
  readonly expires: number;
  /** Lifetime of the access token in seconds. */
  readonly lifetime: number;
  /** Set if neither the token nor what was stored with it says its lifetime. */
  readonly isLifetimeAssumed?: true;
  /** The token's own `exp`, in milliseconds since 1970, where it is a JWT. */
  readonly ownExpires?: number;
  /** Hosts that were in force at the login, where they were not the default ones. */
  readonly hosts?: Hosts;
}

/** Refresh at the latest with this left. Source: kimi-cli `auth/oauth.py`. */
const MIN_THRESHOLD_SECONDS = 300;

/** An expiry that is further away is not believed if the token does not say its lifetime: 30 days. */
const MAX_ASSUMED_MS = 30 * 86_400_000;

/** How far the stored time may disagree with the token's own lifetime. */
const CLOCK_SLACK_MS = 60_000;

/**
 * Returns for how many seconds an access token is still good: 0 or less once it has expired. What is
 * stored counts while it fits the token's lifetime; a clock that was set back makes it say more, and then
 * the token's own `exp` counts. If the lifetime is not known, up to 30 days are believed.
 */
export function remainingSeconds(credential: Credential, now: number): number {
  const most = credential.isLifetimeAssumed
    ? MAX_ASSUMED_MS
    : credential.lifetime * 1000 + CLOCK_SLACK_MS;
  const candidates = [credential.expires - now, (credential.ownExpires ?? 0) - now];
  return (candidates.find((left) => left <= most) ?? 0) / 1000;
}

/**
 * Whether to refresh with the next request: with less than half of the lifetime, or 300 s, left.
 *
 * @see kimi-cli 1.51.0 `auth/oauth.py`: `_refresh_threshold`
 * @example
 * ```ts
 * import { credentialFromTokens, needsRefresh } from "@kimi/full/protocol";
 * import { assert } from "@std/assert";
 *
 * const login = credentialFromTokens({ accessToken: "a", refreshToken: "r", expiresIn: 900 }, 0);
 * assert(!needsRefresh(login, 450_000) && needsRefresh(login, 450_001));
 * ```
 */
export function needsRefresh(credential: Credential, now: number): boolean {
  const threshold = Math.max(MIN_THRESHOLD_SECONDS, credential.lifetime / 2);
  const remaining = remainingSeconds(credential, now);
  return remaining <= 0 || remaining < threshold;
}

/** When both tokens were minted, in milliseconds since 1970: a refresh renews both. */
export function mintedAt({ ownExpires, expires, lifetime }: Credential): number {
  return (ownExpires ?? expires) - lifetime * 1000;
}

/** Whether a token is still good when it arrives: it may have been minted long before it was read. */
export function isWorthSending(credential: Credential, now: number): boolean {
  return remainingSeconds(credential, now) > Math.min(1, credential.lifetime / 10);
}
