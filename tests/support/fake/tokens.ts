/** The answer of a successful token request. */
export interface IssuedTokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly token_type: string;
}

/** Chains of tokens: one per login, a new pair at every refresh. */
export interface TokenStore {
  /** Starts a chain. `lifetime` in seconds. */
  issue(lifetime: number): IssuedTokens;
  /** Refreshes; undefined is invalid_grant. A used token that comes back revokes its whole chain. */
  rotate(
    refreshToken: string,
    lifetime: number,
    keepOlder: boolean,
  ): IssuedTokens | undefined;
  /** Whether an access token is known, belongs to a live chain and has not expired. */
  accepts(accessToken: string): boolean;
  /** Ends all access tokens minted so far. */
  expireAll(): void;
  /** Counters. */
  readonly counts: { readonly revokedChains: number; readonly refreshes: number };
}

/** Part of every minted token, so that outputs can be searched for leaks. */
export const TOKEN_MARKER = "FAKETOKEN";

interface Chain {
  /** The account's id. */
  readonly user: string;
  revoked: boolean;
  refresh: string;
}

interface Access {
  readonly chain: Chain;
  exp: number;
}

function base64url(value: unknown): string {
  return btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function randomPart(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

function mint(user_id: string, iat: number, lifetime: number): string {
  const claims = {
    user_id,
    scope: "kimi-code",
    region: "cn",
    iat,
    exp: iat + lifetime,
    jti: randomPart(),
  };
  const head = base64url({ alg: "HS512", typ: "JWT" });
  return `${head}.${base64url(claims)}.${TOKEN_MARKER}${randomPart()}`;
}

const REFRESH_LIFETIME = 30 * 24 * 3600; // seconds

interface Minted {
  readonly accesses: Map<string, Access>;
  readonly chains: Map<string, Chain>;
}

/**
 * Mints the next pair of a chain; `now` and `lifetime` in seconds. Claims are whole seconds unless the
 * lifetime is not: RFC 7519 allows fractions.
 */
function extend(minted: Minted, chain: Chain, now: number, lifetime: number): IssuedTokens {
  const at = Number.isInteger(lifetime) ? Math.floor(now) : now;
  const access_token = mint(chain.user, at, lifetime);
  const refresh_token = mint(chain.user, at, REFRESH_LIFETIME);
  chain.refresh = refresh_token;
  minted.accesses.set(access_token, { chain, exp: at + lifetime });
  minted.chains.set(refresh_token, chain);
  const scope = "kimi-code";
  return { access_token, refresh_token, expires_in: lifetime, scope, token_type: "Bearer" };
}

/** Creates an empty store; `now` returns seconds since the epoch, `user` whose chains are started. */
export function createTokenStore(
  now: () => number,
  user: () => string = () => "fake-user",
): TokenStore {
  const minted: Minted = { accesses: new Map(), chains: new Map() };
  const counts = { revokedChains: 0, refreshes: 0 };
  return {
    issue: (lifetime) =>
      extend(minted, { user: user(), revoked: false, refresh: "" }, now(), lifetime),
    rotate(refreshToken, lifetime, keepOlder) {
      const chain = minted.chains.get(refreshToken);
      if (chain === undefined || chain.revoked) return undefined;
      if (chain.refresh !== refreshToken) {
        chain.revoked = true;
        counts.revokedChains++;
        return undefined;
      }
      for (const access of minted.accesses.values()) {
        if (access.chain === chain && !keepOlder) access.exp = 0;
      }
      counts.refreshes++;
      return extend(minted, chain, now(), lifetime);
    },
    accepts(accessToken) {
      const access = minted.accesses.get(accessToken);
      return access !== undefined && !access.chain.revoked && now() < access.exp;
    },
    expireAll() {
      for (const access of minted.accesses.values()) access.exp = 0;
    },
    counts,
  };
}
