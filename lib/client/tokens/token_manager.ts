/**
 * The token for the next request: kept, and refreshed in time. What becomes of a login:
 *
 * | state      | what it is                                            | `current()`                    | `renew()` after a 401       |
 * | ---------- | ----------------------------------------------------- | ------------------------------ | --------------------------- |
 * | logged out | the store holds nothing                               | `not_logged_in`                | `not_logged_in`             |
 * | fresh      | more than half of the lifetime, and 300 s, left       | the token                      | refreshes                   |
 * | due        | less than that, but 60 s or more                      | the token; refreshes beside it | refreshes                   |
 * | expiring   | less than 60 s left                                   | refreshes; the token if that fails while it is valid, or nothing can be stored | refreshes |
 * | refreshing | its refresh token is in use                           | as due or expiring, joined     | waits, then looks again     |
 * | paused     | a refresh failed less than 30 s ago, the token is valid | the token                    | refreshes                   |
 * | uncertain  | the answer to its refresh was lost                    | not refreshed while it is valid | refreshes                  |
 * | spent      | stored, but a refresh has replaced it                 | the newer login; stores it     | the newer login             |
 * | rejected   | the service refused its refresh token                 | `invalid_grant`, once it is due | `invalid_grant`            |
 *
 * A refresh that succeeds makes its login spent and the new one fresh. What is in the store always wins.
 */

import { KimiError, messageOf, needsLogin } from "../../kimi/errors/kimi_error.ts";
import { NOT_LOGGED_IN } from "../../kimi/identity/login_messages.ts";
import { lazy } from "../net/lazy_import.ts";
import { abortable } from "../net/timeout.ts";
import { type Credential, isWorthSending, needsRefresh, remainingSeconds } from "./credential.ts";
import type { TokenEnvironment, TokenManagerOptions } from "./locked_refresh.ts";
import { createRefreshMemory, type LoginStore } from "./login_store.ts";

/** Provides access tokens to requests. */
export interface TokenManager {
  /** Returns the login as it is, without a refresh; undefined if there is none. */
  readonly stored: () => Promise<Credential | undefined>;
  /**
   * Returns a login for the next request. A refresh that is due runs beside it, if the token is good for
   * another 60 s, else before it. `signal` ends the wait, but not the refresh, which others may wait for.
   *
   * @throws {KimiError} `not_logged_in`, `invalid_grant`, `untrusted_host`, `not_stored`, or why the
   * refresh failed.
   */
  readonly current: (signal?: AbortSignal | null) => Promise<Credential>;
  /** Returns another login after the access token `rejected` was answered by 401; fails as `current` does. */
  readonly renew: (rejected: string, signal?: AbortSignal | null) => Promise<Credential>;
  /** Resolves once the refreshes under way have been stored, or have failed; it never rejects. */
  readonly settled: () => Promise<void>;
  /** Reports at once whether no refresh is under way. */
  readonly isSettled: () => boolean;
}

const lockedRefresh = lazy("Token refresh", () => import("./locked_refresh.ts"));

const PROCESS = createRefreshMemory();

/** A token that is good for so long goes out while it is refreshed. */
const AHEAD_SECONDS = 60;
/** After a failed refresh, the next one is not tried before this. */
const PAUSE_MS = 30_000;
/** A login that was refused while it is being stored is looked at again after this. */
const AGAIN_MS = 100;
/** A spent login that is still stored is not replaced again before this. */
const RESTORE_PAUSE_MS = 5_000;
const isNotStored = (error: unknown) => error instanceof KimiError && error.code === "not_stored";

/** Makes a token manager; `store` keeps the login, or opens what keeps it. */
export function createTokenManager(
  environment: TokenEnvironment,
  store: LoginStore | (() => Promise<LoginStore>),
  options: TokenManagerOptions,
): TokenManager {
  const { memory = PROCESS, refusal } = options;
  const { replaced, running, work, pausedUntil } = memory;
  const { now } = environment;
  let open: LoginStore | undefined;
  const opened = async () => open = typeof store === "function" ? await store() : store;
  const isValid = (login: Credential) => remainingSeconds(login, now()) > 0;
  const isDue = (login: Credential) => needsRefresh(login, now());
  const isPaused = ({ refresh }: Credential) => {
    const left = (pausedUntil.get(refresh) ?? 0) - now();
    return left > 0 && left <= PAUSE_MS; // the clock may have been set back
  };
  const latestOf = (login: Credential) => replaced.get(login.refresh) ?? login;
  const stored = async () => await (await opened()).read();
  const kept = async () => await stored() ?? notLoggedIn();
  const locked = async () =>
    (await lockedRefresh()).createLockedRefresh(environment, await opened(), options, memory, kept);
  const read = async () => latestOf(await kept());

  /** The newest login, which is stored. */
  async function newest(): Promise<Credential> {
    const login = await kept();
    const latest = latestOf(login);
    if (latest === login) return latest;
    // It is used once it is stored: this request may be the last of the process.
    const storing = [...running].find(([used]) => replaced.get(used) === latest);
    if (storing !== undefined) return await storing[1].fresh;
    if (isDue(latest) || running.size > 0 || isPaused(login)) return latest;
    // Other processes would send the spent token.
    pausedUntil.set(login.refresh, now() + RESTORE_PAUSE_MS);
    track(work, locked().then((refresh) => refresh(login, true, () => {})));
    return latest;
  }

  /** A refresh token is sent once, however many ask. */
  function refresh(used: Credential, isUsable: boolean): Promise<Credential> {
    const joined = running.get(used.refresh);
    if (joined !== undefined) return joined.fresh;
    const fresh = new Promise<Credential>((resolve, reject) => {
      const refreshed = locked().then((refresh) => refresh(used, isUsable, resolve));
      const failed = (error: unknown) => {
        reject(error);
        if (!isUsable || needsLogin(error) || !isValid(used)) return;
        // One line for all requests; a final failure is the error of the next one.
        pausedUntil.set(used.refresh, now() + PAUSE_MS);
        environment.log("warn", `${messageOf(error)}; the access token is used while it is valid`);
      };
      track(work, refreshed.finally(() => running.delete(used.refresh)).then(resolve, failed));
    });
    running.set(used.refresh, { fresh, isUsable });
    fresh.catch(() => {});
    return fresh;
  }

  async function usable(): Promise<Credential> {
    const login = await newest();
    if (!isDue(login)) return login;
    const refused = refusal?.(login);
    if (refused !== undefined && !isValid(login)) throw refused;
    if (isValid(login) && (refused !== undefined || isPaused(login))) return login;
    const fresh = refresh(login, true);
    const canWait = !memory.rejected.has(login.refresh);
    if (canWait && remainingSeconds(login, now()) >= AHEAD_SECONDS) return login;
    try {
      return await fresh;
    } catch (error) {
      const latest = await read();
      // A clock that jumped takes a token for expired. If nothing can be stored, Kimi is asked whether it is.
      const isSendable = isValid(login) ? !needsLogin(error) : isNotStored(error);
      if (latest.refresh === login.refresh && !isSendable) throw error;
      return latest;
    }
  }

  async function renew(rejected: string): Promise<Credential> {
    for (;;) {
      const login = await read();
      if (login.access !== rejected && isWorthSending(login, now())) return login;
      const refused = refusal?.(login);
      if (refused !== undefined) throw refused;
      const joined = running.get(login.refresh);
      if (!joined?.isUsable) return await refresh(login, false);
      // One that ran beside requests may give up earlier than this one may.
      const fresh = await joined.fresh.catch(() => undefined);
      if (fresh !== undefined && fresh.access !== rejected) return fresh;
      if (fresh !== undefined) await environment.sleep(AGAIN_MS);
    }
  }

  return {
    stored: () => stored().then((login) => login && latestOf(login)),
    current(signal) {
      const login = open?.peek?.();
      const isSure = login !== undefined && !replaced.has(login.refresh) && !isDue(login);
      return isSure ? Promise.resolve(login) : abortable(usable(), signal);
    },
    renew: (rejected, signal) => abortable(renew(rejected), signal),
    isSettled: () => work.size === 0,
    async settled() {
      while (work.size > 0) await Promise.all(work);
    },
  };
}

function notLoggedIn(): never {
  throw new KimiError("not_logged_in", NOT_LOGGED_IN);
}

function track(work: Set<Promise<unknown>>, task: Promise<unknown>): void {
  const done: Promise<unknown> = task.catch(() => {}).finally(() => work.delete(done));
  work.add(done);
}
