/** The refresh of a login: one at a time among all processes, sent once, and stored before it is used. */

import type { ClientName } from "../../kimi/identity/constants.ts";
import { KimiError, messageOf } from "../../kimi/errors/kimi_error.ts";
import { identityHeaders } from "../../kimi/identity/fingerprint.ts";
import { assertTrusted, type Hosts } from "../../kimi/identity/hosts.ts";
import { loginCommand, loginRejected } from "../../kimi/identity/login_messages.ts";
import { regionOf } from "../../kimi/identity/regions.ts";
import { readRefreshedToken, refreshTokenRequest, type TokenSet } from "../../kimi/oauth/grants.ts";
import type { Environment } from "../environment.ts";
import { type FetchEnvironment, fetchWhole } from "../net/fetch_whole.ts";
import { withDeadline } from "../net/timeout.ts";
import {
  type Credential,
  credentialFromTokens,
  isWorthSending,
  remainingSeconds,
} from "./credential.ts";
import { type Lease, type LoginStore, type RefreshMemory, UNSHARED } from "./login_store.ts";

/** The part of the environment that a token manager uses. */
export type TokenEnvironment =
  & FetchEnvironment
  & Pick<Environment, "now" | "sleep" | "device" | "log">;

/** How to refresh. */
export interface TokenManagerOptions {
  /** The hosts in force for a login. */
  readonly hosts: (credential: Credential) => Hosts;
  /** Whose identity to send. */
  readonly client: ClientName;
  /** Why a login cannot be refreshed here; undefined if it can. */
  readonly refusal?: (credential: Credential) => KimiError | undefined;
  /** What is known of refreshes. Default: what this process knows, so that two managers never send one token twice. */
  readonly memory?: RefreshMemory;
}

/** So many spent tokens are remembered, and the first: it is what OPENCODE_AUTH_CONTENT always holds. */
const MAX_SPENT = 32;

/** A login that cannot be stored is tried again for as long as a lease lasts, which is held meanwhile. */
const STORE_ATTEMPTS = 40;
const STORE_PAUSE_MS = 500;

/** A suspended process may have sent the refresh token: while the access token is valid, its lock is not waited for longer. */
const PATIENCE_MS = 10_000;
const TAKES_LONG = "Token refresh: the lock was not free within 10 s";

/** Waits before the second and the third try. Source: kimi-cli 1.51.0 `auth/oauth.py`. */
const RETRY_DELAYS_MS = [1000, 2000];
/** The statuses after which it tries again. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
/** All tries together; a lock is held for longer. */
const TIMEOUT_MS = 20_000;

/** Makes the refresh of one manager's login. `kept` reads what is stored, or fails if nothing is. */
export function createLockedRefresh(
  environment: TokenEnvironment,
  store: LoginStore,
  { client, hosts }: TokenManagerOptions,
  memory: RefreshMemory,
  kept: () => Promise<Credential>,
) {
  const isGood = (login: Credential) => isWorthSending(login, environment.now());
  const isValid = (login: Credential) => remainingSeconds(login, environment.now()) > 0;
  const latestOf = (login: Credential) => memory.replaced.get(login.refresh) ?? login;
  const withLease = store.withLease ?? ((work) => work(UNSHARED));

  /** Returns the login of a process that has replaced the refresh token before it was sent here. */
  async function unlessReplaced(used: Credential, error: unknown): Promise<Credential> {
    const { code, status }: Partial<KimiError> = error instanceof KimiError ? error : {};
    // A successful answer that cannot be read is lost, too.
    if (code === "network" || status === 200) memory.uncertain.add(used.refresh);
    if (code !== "invalid_grant") throw error;
    const latest = latestOf(await kept());
    if (latest.refresh !== used.refresh) return latest;
    memory.rejected.add(used.refresh);
    throw rejected(used, error);
  }

  /**
   * Returns what comes of `used`, whose access token may be used while it is valid if `isUsable`. A login
   * that could not be stored is handed over before the attempts to store it end.
   */
  return async function refresh(
    used: Credential,
    isUsable: boolean,
    hand: (fresh: Credential) => void,
  ): Promise<Credential> {
    const isOther = (login: Credential) => login.refresh !== used.refresh && isGood(login);

    /** What another process has stored meanwhile. */
    async function other(): Promise<Credential | undefined> {
      const stored = await kept();
      return isOther(stored) && !memory.replaced.has(stored.refresh) ? stored : undefined;
    }

    /** Returns undefined if the lease was lost before anything was sent. */
    async function attempt(lease: Lease): Promise<Credential | undefined> {
      const stored = await kept();
      const latest = latestOf(stored);
      if (isOther(latest)) {
        if (latest !== stored) await store.update(stored, latest);
        return latest;
      }
      if (memory.rejected.has(latest.refresh)) throw rejected(latest);
      if (memory.uncertain.has(latest.refresh) && isUsable && isValid(latest)) {
        throw new KimiError("network", "Token refresh: the answer to the last one was lost");
      }
      // What may take long comes before the lease is renewed.
      await environment.device(client);
      if (!await lease.renew()) return undefined;
      const target = { client, host: hosts(latest).oauth };
      try {
        const tokens = await requestRefresh(environment, latest, target, lease);
        if (tokens === undefined) return undefined;
        const fresh = credentialFromTokens(tokens, environment.now(), latest.hosts);
        noteSpent(memory, latest.refresh, fresh);
        return await isNewest(stored, fresh, lease) ? fresh : latestOf(await kept());
      } catch (error) {
        return await unlessReplaced(latest, error);
      }
    }

    /** Stores it before it is used, unless the user has logged out, or in anew, meanwhile: then returns false. */
    async function isNewest(stored: Credential, fresh: Credential, lease: Lease) {
      for (let tries = 1; tries <= STORE_ATTEMPTS; tries++) {
        if (tries > 1) await environment.sleep(STORE_PAUSE_MS);
        try {
          // A slow answer, or a slow disk, leaves the full time to store the login.
          await lease.renew();
          return await store.update(stored, fresh) === "stored";
        } catch (error) {
          if (tries > 1) continue;
          environment.log("error", `The refreshed login could not be stored: ${messageOf(error)}`);
          hand(fresh);
        }
      }
      return true;
    }

    for (let lost = 0;;) {
      const newer = await other();
      if (newer !== undefined) return newer;
      const began = environment.now();
      try {
        const fresh = await withLease(attempt, async () => {
          const isMoot = await other() !== undefined;
          const isLong = isUsable && isValid(used) && environment.now() - began > PATIENCE_MS;
          if (!isMoot && isLong) throw new KimiError("unreachable", TAKES_LONG);
          return isMoot;
        });
        if (fresh !== undefined) return fresh;
      } catch (error) {
        const wasLost = error instanceof KimiError && error.code === "network";
        if (!wasLost || ++lost > 1 || (isUsable && isValid(used))) throw error;
      }
    }
  };
}

function rejected({ hosts }: Credential, cause?: unknown): KimiError {
  return new KimiError("invalid_grant", loginRejected(loginCommand(regionOf(hosts))), { cause });
}

function noteSpent(memory: RefreshMemory, used: string, fresh: Credential): void {
  const { replaced, uncertain, pausedUntil } = memory;
  uncertain.delete(used);
  pausedUntil.delete(used);
  // The host may leave the refresh token as it is (RFC 6749 §6).
  if (fresh.refresh === used) return;
  for (const [spent, { refresh }] of replaced) if (refresh === used) replaced.set(spent, fresh);
  replaced.set(used, fresh);
  for (const old of [...replaced.keys()].slice(1, -MAX_SPENT)) replaced.delete(old);
}

/**
 * Trades a refresh token for a new token set; tried again, as by kimi-cli's `refresh_token`, while the lease is
 * held, else undefined. After `unreachable` nothing was sent; after `network` the token may be spent.
 */
export async function requestRefresh(
  environment: Omit<TokenEnvironment, "now" | "log">,
  { refresh, hosts }: Credential,
  { client, host }: { readonly client: ClientName; readonly host: string },
  lease: Lease = UNSHARED,
): Promise<TokenSet | undefined> {
  assertTrusted(host, hosts);
  const target = { host, identity: identityHeaders(client, await environment.device(client)) };
  return await withDeadline(TIMEOUT_MS, undefined, async (signal) => {
    const options = { doing: "Token refresh", timeout: TIMEOUT_MS, signal };
    for (let tries = 0;; tries++) {
      try {
        const answer = await fetchWhole(environment, refreshTokenRequest(target, refresh), options);
        return await readRefreshedToken(answer, refresh);
      } catch (error) {
        const delay = RETRY_DELAYS_MS[tries];
        const status = error instanceof KimiError ? error.status : undefined;
        if (delay === undefined || !RETRIED_STATUSES.has(status ?? 0)) throw error;
        await environment.sleep(delay, signal).catch(() => Promise.reject(error));
        if (!await lease.renew()) return undefined;
      }
    }
  });
}
