/**
 * A login kept fresh by one refresh at a time, in this process and in all others.
 *
 * @see kimi-cli 1.51.0 `auth/oauth.py`: `_refresh_tokens`
 * @module
 */

import type { ClientName } from "../protocol/clients.ts";
import { KimiError, messageOf } from "../protocol/error.ts";
import { LOGIN_REJECTED, NOT_LOGGED_IN } from "../protocol/failure.ts";
import type { Hosts } from "../protocol/hosts.ts";
import type { TokenSet } from "../protocol/oauth.ts";
import { type Credential, credentialOf, remainingSeconds } from "./credential.ts";
import type { Environment, Lock } from "./environment.ts";
import { requestRefresh } from "./refresh.ts";
import { noteSpent, type RefreshMemory } from "./refresh_memory.ts";

/** What a source needs of the outside. */
export type TokenEnvironment = Pick<Environment, "fetch" | "now" | "sleep" | "device" | "log">;

/** Where a login is kept. */
export interface CredentialStore {
  /** Gives the login as it is stored now, or undefined where there is none. */
  readonly read: () => Promise<Credential | undefined>;
  /**
   * Stores a login, only while the store still holds the refresh token that it came of: another one
   * there is a newer login, and none is a logout.
   */
  readonly write: (fresh: Credential, used: Credential) => Promise<void>;
  /** Watches for a while that nobody overwrites what was written last. */
  readonly settle: () => Promise<void>;
  /** Fails where a login could not be stored. */
  readonly assertWritable: () => Promise<void>;
  /** Takes the lock that all processes which refresh this login share, unless that becomes moot. */
  readonly lock: (isMoot?: () => Promise<boolean>) => Promise<Lock | undefined>;
}

/** How to refresh. */
export interface TokenSourceOptions {
  /** The hosts in force for a login. */
  readonly hosts: (credential: Credential) => Hosts;
  /** Whose identity to send. */
  readonly client: ClientName;
}

/** What {@linkcode rotation} gives. */
export interface Rotation {
  /** Gives the login as it is, or undefined where there is none. */
  readonly stored: () => Promise<Credential | undefined>;
  /** Gives the login as it is; throws `not_logged_in` where there is none. */
  readonly read: () => Promise<Credential>;
  /**
   * Gives what comes of a login.
   *
   * @param used The login; its refresh token is spent once, however many ask.
   * @param isUsable Whether its access token, while it is valid, may be used instead.
   */
  readonly refreshOnce: (used: Credential, isUsable: boolean) => Promise<Credential>;
  /** Whether a login's access token will still be good when it arrives. */
  readonly isWorthSending: (credential: Credential) => boolean;
}

/** A login that could not be restored is not restored again before this. */
const RESTORE_PAUSE_MS = 30_000;

/** An entry that stays absent for this long is a logout; opencode writes its file in place. */
const ABSENCE_MS = 1_000;
const ABSENCE_STEP_MS = 50;

/**
 * Makes the rotation of a login.
 *
 * @param environment Clock, network, device and log.
 * @param store Where the login is kept.
 * @param options How to refresh.
 * @param memory What the process remembers.
 * @returns The rotation.
 */
export function rotation(
  environment: TokenEnvironment,
  store: CredentialStore,
  options: TokenSourceOptions,
  memory: RefreshMemory,
): Rotation {
  let restoreAfter = 0;
  let wasLoggedIn = false;

  async function stored(): Promise<Credential | undefined> {
    let credential = await store.read();
    for (let waited = 0; wasLoggedIn && credential === undefined && waited < ABSENCE_MS;) {
      await environment.sleep(ABSENCE_STEP_MS);
      waited += ABSENCE_STEP_MS;
      credential = await store.read();
    }
    wasLoggedIn = credential !== undefined;
    if (credential === undefined) return undefined;
    // A store that cannot be written, or was written by one who had read it before, goes on giving a
    // spent token: what came of it is newer.
    const latest = memory.chains.get(credential.refresh)?.latest;
    if (latest !== undefined) restore().catch(() => {});
    return latest ?? credential;
  }

  /** Other processes would send the spent token. */
  async function restore(): Promise<void> {
    if (environment.now() < restoreAfter) return;
    restoreAfter = environment.now() + RESTORE_PAUSE_MS;
    const lock = await store.lock();
    await store.settle().finally(lock?.release);
  }

  async function read(): Promise<Credential> {
    const credential = await stored();
    if (credential === undefined) throw new KimiError("not_logged_in", NOT_LOGGED_IN);
    return credential;
  }

  const isValid = (credential: Credential) => remainingSeconds(credential, environment.now()) > 0;

  /** A sibling's token, minted while this process waited, may be about to expire already. */
  const isWorthSending = (credential: Credential) =>
    remainingSeconds(credential, environment.now()) > Math.min(1, credential.lifetime / 10);

  function refreshOnce(used: Credential, isUsable: boolean): Promise<Credential> {
    const { underWay } = memory;
    const running = underWay.get(used.refresh);
    if (running !== undefined) return running;
    const started = refresh(used, isUsable).finally(() => underWay.delete(used.refresh));
    underWay.set(used.refresh, started);
    return started;
  }

  async function refresh(used: Credential, isUsable: boolean): Promise<Credential> {
    const isMoot = async () => {
      const latest = await read();
      return latest.refresh !== used.refresh && isWorthSending(latest);
    };
    for (let lost = 0;;) {
      const lock = await isMoot() ? undefined : await store.lock(isMoot);
      if (lock === undefined) return await read();
      try {
        const renewed = await refreshLocked(used, isUsable, lock);
        if (renewed !== undefined) return renewed;
      } catch (error) {
        const wasLost = error instanceof KimiError && error.code === "network";
        if (!wasLost || ++lost > 1 || (isUsable && isValid(used))) throw error;
      } finally {
        await lock.release();
      }
    }
  }

  /** Gives undefined where the lock was lost before anything was sent. */
  async function refreshLocked(
    used: Credential,
    isUsable: boolean,
    lock: Lock,
  ): Promise<Credential | undefined> {
    const latest = await read();
    if (latest.refresh !== used.refresh && isWorthSending(latest)) return latest;
    if (memory.rejected.has(latest.refresh)) throw new KimiError("invalid_grant", LOGIN_REJECTED);
    if (memory.uncertain.has(latest.refresh) && isUsable && isValid(latest)) {
      throw new KimiError("network", "Token refresh: the answer to the last one was lost");
    }
    await store.assertWritable();
    return await lock.isHeld() ? await send(latest) : undefined;
  }

  async function send(used: Credential): Promise<Credential> {
    let tokens: TokenSet;
    try {
      const host = options.hosts(used).oauth;
      tokens = await requestRefresh(environment, used, { client: options.client, host });
    } catch (error) {
      if (!(error instanceof KimiError)) throw error;
      if (error.code === "network") memory.uncertain.add(used.refresh);
      if (error.code !== "invalid_grant") throw error;
      const other = await read();
      if (other.refresh !== used.refresh) return other;
      memory.rejected.add(used.refresh);
      throw new KimiError("invalid_grant", LOGIN_REJECTED, { cause: error });
    }
    return await keep(credentialOf(tokens, environment.now(), used.hosts), used);
  }

  /** Stored before it is used, unless the user has logged out, or in anew, meanwhile. */
  async function keep(fresh: Credential, used: Credential): Promise<Credential> {
    const latest = await read();
    if (latest.refresh !== used.refresh) return latest;
    noteSpent(memory, used.refresh, fresh);
    try {
      await store.write(fresh, used);
      await store.settle();
    } catch (error) {
      environment.log("error", `The refreshed login could not be stored: ${messageOf(error)}`);
    }
    const kept = await store.read();
    if (kept === undefined) return await read();
    return memory.chains.get(kept.refresh)?.latest ?? kept;
  }

  return { stored, read, refreshOnce, isWorthSending };
}
