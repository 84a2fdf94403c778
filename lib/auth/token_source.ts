/**
 * The token for the next request: kept, refreshed in time, by one refresh at a time.
 *
 * @see kimi-cli 1.51.0 `auth/oauth.py`: `OAuthManager`
 * @module
 */

import type { ClientName } from "../protocol/clients.ts";
import { KimiError } from "../protocol/error.ts";
import { LOGIN_COMMAND } from "../protocol/failure.ts";
import { identityHeaders } from "../protocol/fingerprint.ts";
import { assertTrusted, type Hosts } from "../protocol/hosts.ts";
import { readRefreshedToken, refreshTokenRequest, type TokenSet } from "../protocol/oauth.ts";
import { conceal } from "../protocol/secret.ts";
import { type Credential, credentialOf, needsRefresh, remainingSeconds } from "./credential.ts";
import type { Environment } from "./environment.ts";

/** What a refresh needs of the outside. */
export type TokenEnvironment = Pick<Environment, "fetch" | "now" | "sleep" | "device" | "log">;

/** Where a login is kept. */
export interface CredentialStore {
  /** Gives the login as it is stored now, or undefined where there is none. */
  readonly read: () => Promise<Credential | undefined>;
  /** Stores a login in place of the one that is there. */
  readonly write: (credential: Credential) => Promise<void>;
}

/** How to refresh. */
export interface TokenSourceOptions {
  /** The hosts in force for a login. */
  readonly hosts: (credential: Credential) => Hosts;
  /** Whose identity to send. */
  readonly client: ClientName;
}

/** Gives tokens to requests. */
export interface TokenSource {
  /** Gives the login as it is, without a refresh, or undefined where there is none. */
  readonly stored: () => Promise<Credential | undefined>;
  /**
   * Gives a login for the next request, refreshed if it is time.
   *
   * @returns A login that is fresh, or, where it could not be refreshed, still valid.
   * @throws {KimiError} `not_logged_in`, `invalid_grant`, `untrusted_host`, or why no refresh was had.
   */
  readonly current: () => Promise<Credential>;
  /**
   * Gives another login after a 401.
   *
   * @param rejected The access token that was answered by 401.
   * @returns Another login than that.
   * @throws {KimiError} As above.
   */
  readonly renew: (rejected: string) => Promise<Credential>;
}

/** Waits before the second and the third try. Source: kimi-cli `refresh_token`. */
const RETRY_DELAYS_MS = [1000, 2000];

/** The statuses after which kimi-cli tries again. Source: kimi-cli `auth/oauth.py`. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

const REFRESH_TIMEOUT_MS = 15_000;

/** After a failed refresh, the next one is not tried before this. */
const PAUSE_MS = 30_000;

/** After these no token is left that could be used. */
const FINAL: ReadonlySet<string> = new Set(["invalid_grant", "not_logged_in"]);

const NOT_LOGGED_IN = `Not logged in to Kimi: run "${LOGIN_COMMAND}"`;
const REJECTED = `Kimi no longer accepts the login: run "${LOGIN_COMMAND}"`;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * What a process remembers of its refreshes. All sources of a process share one, so that two
 * windows of one opencode never send the same refresh token twice.
 */
export interface RefreshMemory {
  /** By a spent refresh token, the chain that it belongs to. */
  readonly chains: Map<string, { latest: Credential; readonly spent: string[] }>;
  /** Refresh tokens that the service rejected. */
  readonly rejected: Set<string>;
  /** By a refresh token, the refresh that is under way with it. */
  readonly underWay: Map<string, Promise<Credential>>;
}

/**
 * Makes an empty memory.
 *
 * @returns The memory.
 */
export function refreshMemory(): RefreshMemory {
  return conceal({}, { chains: new Map(), rejected: new Set<string>(), underWay: new Map() });
}

/** The first of a chain is kept: it is what OPENCODE_AUTH_CONTENT goes on giving. */
const MAX_SPENT = 32;

function spend(memory: RefreshMemory, used: string, fresh: Credential): void {
  const chain = memory.chains.get(used) ??
    [...memory.chains.values()].find(({ latest }) => latest.refresh === used) ??
    { latest: fresh, spent: [] };
  chain.latest = fresh;
  chain.spent.push(used);
  memory.chains.set(used, chain);
  if (chain.spent.length <= MAX_SPENT) return;
  const [old] = chain.spent.splice(1, 1);
  if (old !== undefined) memory.chains.delete(old);
}

/**
 * Makes a source of tokens.
 *
 * @param environment Clock, network, device and log.
 * @param store Where the login is kept.
 * @param options How to refresh.
 * @param memory What the process remembers.
 * @returns The source.
 */
export function tokenSource(
  environment: TokenEnvironment,
  store: CredentialStore,
  options: TokenSourceOptions,
  memory: RefreshMemory,
): TokenSource {
  let pausedUntil = 0;

  /** A store that cannot be written goes on giving a spent token: what was minted is newer. */
  async function stored(): Promise<Credential | undefined> {
    const credential = await store.read();
    return credential && (memory.chains.get(credential.refresh)?.latest ?? credential);
  }

  async function read(): Promise<Credential> {
    const credential = await stored();
    if (credential === undefined) throw new KimiError("not_logged_in", NOT_LOGGED_IN);
    return credential;
  }

  function refreshOnce(used: Credential): Promise<Credential> {
    const { underWay } = memory;
    const running = underWay.get(used.refresh);
    if (running !== undefined) return running;
    const started = refresh(used).finally(() => underWay.delete(used.refresh));
    underWay.set(used.refresh, started);
    return started;
  }

  async function refresh(used: Credential): Promise<Credential> {
    const latest = await read();
    if (latest.refresh !== used.refresh) return latest;
    if (memory.rejected.has(used.refresh)) throw new KimiError("invalid_grant", REJECTED);
    let tokens: TokenSet;
    try {
      const host = options.hosts(used).oauth;
      tokens = await requestTokens(environment, used, { client: options.client, host });
    } catch (error) {
      if (!(error instanceof KimiError) || error.code !== "invalid_grant") throw error;
      const other = await read();
      if (other.refresh !== used.refresh) return other;
      memory.rejected.add(used.refresh);
      throw new KimiError("invalid_grant", REJECTED, { cause: error });
    }
    return await keep(credentialOf(tokens, environment.now(), used.hosts), used);
  }

  /** Stored before it is used, unless the user has logged out, or in anew, meanwhile. */
  async function keep(fresh: Credential, used: Credential): Promise<Credential> {
    const latest = await read();
    if (latest.refresh !== used.refresh) return latest;
    spend(memory, used.refresh, fresh);
    try {
      await store.write(fresh);
    } catch (error) {
      environment.log("error", `The refreshed login could not be stored: ${messageOf(error)}`);
    }
    return fresh;
  }

  return {
    stored,
    async current() {
      const credential = await read();
      const isValid = () => remainingSeconds(credential, environment.now()) > 0;
      if (!needsRefresh(credential, environment.now())) return credential;
      if (environment.now() < pausedUntil && isValid()) return credential;
      try {
        return await refreshOnce(credential);
      } catch (error) {
        const final = error instanceof KimiError && FINAL.has(error.code);
        if (final || !isValid()) throw error;
        pausedUntil = environment.now() + PAUSE_MS;
        environment.log("warn", `${messageOf(error)}; the access token is used while it is valid`);
        return credential;
      }
    },
    async renew(rejectedAccess) {
      const credential = await read();
      return credential.access === rejectedAccess ? await refreshOnce(credential) : credential;
    },
  };
}

/** A status that promises nothing is asked again; a lost answer is not: the token may be spent. */
async function requestTokens(
  environment: TokenEnvironment,
  { refresh, hosts }: Credential,
  { client, host }: { readonly client: ClientName; readonly host: string },
): Promise<TokenSet> {
  assertTrusted(host, hosts);
  const target = { host, identity: identityHeaders(client, await environment.device()) };
  for (const delay of [...RETRY_DELAYS_MS, undefined]) {
    try {
      const request = refreshTokenRequest(target, refresh);
      return await readRefreshedToken(await answerTo(environment, request), refresh);
    } catch (error) {
      const again = error instanceof KimiError && RETRIED_STATUSES.has(error.status);
      if (!again || delay === undefined) throw error;
      await environment.sleep(delay);
    }
  }
  throw new KimiError("server_error", "Token refresh failed");
}

async function answerTo(environment: TokenEnvironment, request: Request): Promise<Response> {
  try {
    // Bun sends a POST again by itself where a kept connection drops before the answer.
    const response = await environment.fetch(request, {
      keepalive: false,
      signal: AbortSignal.timeout(REFRESH_TIMEOUT_MS),
    });
    return new Response(await response.arrayBuffer(), response);
  } catch (cause) {
    const { host } = new URL(request.url);
    throw new KimiError("network", `Token refresh: no answer from ${host}`, { cause });
  }
}
