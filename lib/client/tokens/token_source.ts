/**
 * The token for the next request: kept, and refreshed in time.
 *
 * @see kimi-cli 1.51.0 `auth/oauth.py`: `OAuthManager.ensure_fresh`
 * @module
 */

import { KimiError, messageOf } from "../../kimi/errors/kimi_error.ts";
import { type Credential, needsRefresh } from "./credential.ts";
import { createStoredLogin, type CredentialStore } from "./stored_login.ts";
import type { RefreshState } from "./refresh_state.ts";
import { loaded } from "../net/lazy_import.ts";
import type { Refresh, TokenEnvironment, TokenSourceOptions } from "./locked_refresh.ts";

export type { CredentialStore, TokenEnvironment, TokenSourceOptions };

/** Gives tokens to requests. */
export interface TokenSource {
  /** Gives the login as it is, without a refresh, or undefined where there is none. */
  readonly stored: () => Promise<Credential | undefined>;
  /**
   * Gives a login for the next request, refreshed if it is time.
   *
   * @param signal Ends the wait, not the refresh, which others may be waiting for.
   * @returns A login that is fresh, or, where it could not be refreshed, still valid.
   * @throws {KimiError} `not_logged_in`, `invalid_grant`, `untrusted_host`, `not_stored`, or why no
   * refresh was had.
   */
  readonly current: (signal?: AbortSignal | null) => Promise<Credential>;
  /**
   * Gives another login after a 401.
   *
   * @param rejected The access token that was answered by 401.
   * @param signal Ends the wait.
   * @returns Another login than that.
   * @throws {KimiError} As above.
   */
  readonly renew: (rejected: string, signal?: AbortSignal | null) => Promise<Credential>;
}

/** After a failed refresh, the next one is not tried before this. */
const PAUSE_MS = 30_000;

/** After these no token is left that could be used. */
const FINAL: ReadonlySet<string> = new Set(["invalid_grant", "not_logged_in"]);

/**
 * Makes a source of tokens.
 *
 * @param environment Clock, network, device and log.
 * @param store Where the login is kept.
 * @param options How to refresh.
 * @param memory What the process remembers.
 * @returns The source.
 * @example
 * ```ts
 * import { credentialFromTokens, createRefreshState, resolveHosts, createTokenSource } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const login = credentialFromTokens({ accessToken: "a", refreshToken: "r", expiresIn: 900 }, 0);
 * const device = { node: "vm", system: "", release: "", machine: "", version: "", id: "0" };
 * const nothing = () => Promise.resolve(undefined);
 * const tokens = createTokenSource(
 *   { fetch, now: () => 0, sleep: nothing, device: () => Promise.resolve(device), log() {} },
 *   {
 *     read: () => Promise.resolve(login), lock: nothing,
 *     write: nothing, settle: nothing, assertWritable: nothing,
 *   },
 *   { client: "kimi-cli", hosts: () => resolveHosts({}) },
 *   createRefreshState(),
 * );
 * assertEquals((await tokens.current()).access, "a");
 * ```
 */
export function createTokenSource(
  environment: TokenEnvironment,
  store: CredentialStore,
  options: TokenSourceOptions,
  memory: RefreshState,
): TokenSource {
  const login = createStoredLogin(environment, store, memory);
  const { stored, read, isValid, isWorthSending } = login;
  let pausedUntil = 0;

  const refresh: Refresh = async (used, isUsable) => {
    const { createLockedRefresh } = await loaded("Token refresh", import("./locked_refresh.ts"));
    return await createLockedRefresh(environment, store, login, options, memory)(used, isUsable);
  };

  /** A refresh token is spent once, however many ask. */
  const refreshOnce: Refresh = (used, isUsable) => {
    const { underWay } = memory;
    const running = underWay.get(used.refresh);
    if (running !== undefined) return running;
    const started = refresh(used, isUsable).finally(() => underWay.delete(used.refresh));
    underWay.set(used.refresh, started);
    return started;
  };

  /** Those who ask while the login is being read share what is found. */
  let reading: Promise<Credential> | undefined;
  const shared = () => reading ??= read().finally(() => reading = undefined);

  async function current(): Promise<Credential> {
    const credential = await shared();
    if (!needsRefresh(credential, environment.now())) return credential;
    if (environment.now() < pausedUntil && isValid(credential)) return credential;
    try {
      return await refreshOnce(credential, true);
    } catch (error) {
      const other = await read();
      if (other.refresh !== credential.refresh) return other;
      const final = error instanceof KimiError && FINAL.has(error.code);
      if (final || !isValid(credential)) throw error;
      // Others who waited for the same refresh have said so already.
      if (environment.now() < pausedUntil) return credential;
      pausedUntil = environment.now() + PAUSE_MS;
      environment.log("warn", `${messageOf(error)}; the access token is used while it is valid`);
      return credential;
    }
  }

  async function renew(rejected: string): Promise<Credential> {
    const credential = await read();
    if (credential.access !== rejected && isWorthSending(credential)) return credential;
    return await refreshOnce(credential, false);
  }

  return {
    stored,
    current: (signal) => abortable(current(), signal),
    renew: (rejected, signal) => abortable(renew(rejected), signal),
  };
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (signal === null || signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
