/** A login as opencode keeps it. */

import type { Hosts } from "../../kimi/identity/hosts.ts";
import type { TokenSet } from "../../kimi/oauth/grants.ts";
import { finite, isObject, type JsonObject, parseObject, text } from "../../kimi/util/json.ts";
import { conceal } from "../../kimi/util/redact.ts";
import type { Credential } from "./freshness.ts";

export {
  type Credential,
  isWorthSending,
  mintedAt,
  needsRefresh,
  remainingSeconds,
} from "./freshness.ts";

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

type Parts = Pick<Credential, "access" | "refresh" | "expires"> & {
  readonly lifetime: number | undefined;
  readonly hosts: Hosts | undefined;
};

/** Lifetime of an access token that does not tell its own. Source: the service's answers. */
const DEFAULT_LIFETIME_SECONDS = 900;

/** A hundred years. */
const MAX_LIFETIME_SECONDS = 100 * 365 * 86_400;

/** Before 1973 if it were milliseconds: the entry holds seconds. */
const SECONDS_BELOW = 1e11;

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
  const kept = text(entry.enterpriseUrl)?.split(" ") ?? [];
  const [lifetime, hosts] = [readLifetime(kept), readHosts(kept)];
  return credential({ access, refresh, expires, lifetime, hosts });
}

function readHosts([oauth, api]: readonly string[]): Hosts | undefined {
  if (oauth === undefined || api === undefined) return undefined;
  return URL.canParse(oauth) && URL.canParse(api) ? { oauth, api } : undefined;
}

function readLifetime([, , seconds = ""]: readonly string[]): number | undefined {
  const lifetime = /^\d+$/.test(seconds) ? Number(seconds) : 0;
  return lifetime > 0 && lifetime <= MAX_LIFETIME_SECONDS ? lifetime : undefined;
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
  const { accessToken, refreshToken, expiresIn = DEFAULT_LIFETIME_SECONDS } = tokens;
  const lifetime = ownLifetime(readClaims(accessToken)) ??
    Math.min(expiresIn, MAX_LIFETIME_SECONDS);
  const expires = now + lifetime * 1000;
  return credential({ access: accessToken, refresh: refreshToken, expires, lifetime, hosts });
}

function credential({ access, refresh, expires, lifetime, hosts }: Parts): Credential {
  const claims = readClaims(access);
  const own = finite(claims?.exp);
  const known = ownLifetime(claims) ?? lifetime;
  return conceal({
    expires: Math.floor(expires),
    lifetime: known ?? DEFAULT_LIFETIME_SECONDS,
    ...(known === undefined ? { isLifetimeAssumed: true } as const : {}),
    ...(own === undefined ? {} : { ownExpires: own * 1000 }),
    ...(hosts === undefined ? {} : { hosts }),
  }, { access, refresh });
}

function ownLifetime(claims: JsonObject | undefined): number | undefined {
  const [issued, expires] = [finite(claims?.iat), finite(claims?.exp)];
  const lifetime = issued === undefined || expires === undefined ? 0 : expires - issued;
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
  const seconds = Math.round(lifetime);
  const isKnown = seconds === DEFAULT_LIFETIME_SECONDS ||
    ownLifetime(readClaims(access)) !== undefined;
  const { oauth, api } = hosts ?? { oauth: "-", api: "-" };
  const kept = [oauth, api, ...(isKnown ? [] : [seconds])].join(" ");
  const isPlain = hosts === undefined && isKnown;
  return { type: "oauth", refresh, access, expires, ...(isPlain ? {} : { enterpriseUrl: kept }) };
}

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
