/** A login: as opencode keeps it, and how long its access token is good for. */

import type { Hosts } from "../../kimi/identity/hosts.ts";
import type { TokenSet } from "../../kimi/oauth/grants.ts";
import { finite, isObject, type JsonObject, text } from "../../kimi/util/json.ts";
import { readClaims } from "../../kimi/util/jwt.ts";
import { conceal } from "../../kimi/util/redact.ts";

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

/** An `oauth` entry of opencode's auth.json. */
export interface AuthEntry {
  /** Kind of the entry. */
  readonly type: "oauth";
  /** Access token. */
  readonly access: string;
  /** Refresh token. */
  readonly refresh: string;
  /** Milliseconds since 1970, an integer: opencode drops an entry with a fraction. */
  readonly expires: number;
  /** A field that opencode keeps. Here: OAuth host, API base (`-` if default), untold lifetime in seconds. */
  readonly enterpriseUrl?: string;
}

/** Lifetime of an access token that does not tell its own. Source: the service's answers. */
const DEFAULT_LIFETIME_SECONDS = 900;
/** A hundred years. */
const MAX_LIFETIME_SECONDS = 100 * 365 * 86_400;
/** Before 1973 if it were milliseconds: the entry holds seconds. */
const SECONDS_BELOW = 1e11;
/** Refresh at the latest with this left. Source: kimi-cli `auth/oauth.py`. */
const MIN_THRESHOLD_SECONDS = 300;
/** An expiry that is further away is not believed if the token does not say its lifetime: 30 days. */
const MAX_ASSUMED_MS = 30 * 86_400_000;
/** How far the stored time may disagree with the token's own lifetime. */
const CLOCK_SLACK_MS = 60_000;

/**
 * Reads an entry of auth.json; undefined if it is not a login that can be used.
 *
 * @example
 * ```ts
 * import { fromAuthEntry } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const entry = { type: "oauth", access: "a", refresh: "r", expires: 1_800_000_000.5 };
 * assertEquals(fromAuthEntry(entry)?.expires, 1_800_000_000_500);
 * ```
 */
export function fromAuthEntry(entry: unknown): Credential | undefined {
  if (!isObject(entry) || entry.type !== "oauth") return undefined;
  const [access, refresh] = [text(entry.access), text(entry.refresh)];
  if (access === undefined || refresh === undefined) return undefined;
  const stored = finite(entry.expires) ?? 0;
  const expires = stored < SECONDS_BELOW ? stored * 1000 : stored;
  const [oauth = "", api = "", seconds] = text(entry.enterpriseUrl)?.split(" ") ?? [];
  const hosts = URL.canParse(oauth) && URL.canParse(api) ? { oauth, api } : undefined;
  return credential(access, refresh, hosts, believable(finite(seconds)), () => expires);
}

/**
 * Makes a login of a token answer that came at `now`, in milliseconds since 1970; `hosts` are kept with it.
 *
 * @example
 * ```ts
 * import { credentialFromTokens } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const login = credentialFromTokens({ accessToken: "a", refreshToken: "r", expiresIn: 900 }, 0);
 * assertEquals(login.expires, 900_000);
 * ```
 */
export function credentialFromTokens(tokens: TokenSet, now: number, hosts?: Hosts): Credential {
  const told = Math.min(tokens.expiresIn ?? DEFAULT_LIFETIME_SECONDS, MAX_LIFETIME_SECONDS);
  const expires = (lifetime: number) => now + lifetime * 1000;
  return credential(tokens.accessToken, tokens.refreshToken, hosts, told, expires);
}

function credential(
  access: string,
  refresh: string,
  hosts: Hosts | undefined,
  told: number | undefined,
  expires: (lifetime: number) => number,
): Credential {
  const claims = readClaims(access);
  const own = finite(claims?.exp);
  const known = ownLifetime(claims) ?? told;
  const lifetime = known ?? DEFAULT_LIFETIME_SECONDS;
  return conceal({
    expires: Math.floor(expires(lifetime)),
    lifetime,
    ...(known === undefined ? { isLifetimeAssumed: true } as const : {}),
    ...(own === undefined ? {} : { ownExpires: own * 1000 }),
    ...(hosts === undefined ? {} : { hosts }),
  }, { access, refresh });
}

function ownLifetime({ iat, exp }: JsonObject = {}): number | undefined {
  return believable((finite(exp) ?? NaN) - (finite(iat) ?? NaN));
}

function believable(lifetime = 0): number | undefined {
  return lifetime > 0 && lifetime <= MAX_LIFETIME_SECONDS ? lifetime : undefined;
}

/**
 * Makes the entry of auth.json for a login; it shows the tokens.
 *
 * @example
 * ```ts
 * import { credentialFromTokens, toAuthEntry } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const login = credentialFromTokens({ accessToken: "a", refreshToken: "r", expiresIn: 900 }, 0);
 * assertEquals(toAuthEntry(login), { type: "oauth", refresh: "r", access: "a", expires: 900_000 });
 * ```
 */
export function toAuthEntry({ access, refresh, expires, lifetime, hosts }: Credential): AuthEntry {
  const entry = { type: "oauth", refresh, access, expires } as const;
  const seconds = Math.round(lifetime);
  const isKnown = seconds === DEFAULT_LIFETIME_SECONDS ||
    ownLifetime(readClaims(access)) !== undefined;
  if (hosts === undefined && isKnown) return entry;
  const { oauth, api } = hosts ?? { oauth: "-", api: "-" };
  return { ...entry, enterpriseUrl: [oauth, api, ...(isKnown ? [] : [seconds])].join(" ") };
}

/**
 * Returns for how many seconds an access token is still good: 0 or less once it has expired. What is
 * stored counts while it fits the token's lifetime; a clock that was set back makes it say more, and then
 * the token's own `exp` counts. If the lifetime is not known, up to 30 days are believed.
 */
export function remainingSeconds(credential: Credential, now: number): number {
  const { expires, ownExpires = 0, lifetime, isLifetimeAssumed } = credential;
  const most = isLifetimeAssumed ? MAX_ASSUMED_MS : lifetime * 1000 + CLOCK_SLACK_MS;
  return ([expires - now, ownExpires - now].find((left) => left <= most) ?? 0) / 1000;
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
  return remainingSeconds(credential, now) <
    Math.max(MIN_THRESHOLD_SECONDS, credential.lifetime / 2);
}

/** When both tokens were minted, in milliseconds since 1970: a refresh renews both. */
export function mintedAt({ ownExpires, expires, lifetime }: Credential): number {
  return (ownExpires ?? expires) - lifetime * 1000;
}

/** Whether a token is still good when it arrives: it may have been minted long before it was read. */
export function isWorthSending(credential: Credential, now: number): boolean {
  return remainingSeconds(credential, now) > Math.min(1, credential.lifetime / 10);
}
