/**
 * The login as it is kept now.
 *
 * @module
 */

import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { NOT_LOGGED_IN } from "../../kimi/identity/login_messages.ts";
import { type Credential, remainingSeconds } from "./credential.ts";
import type { Environment, Lock } from "../environment.ts";
import type { RefreshState } from "./refresh_state.ts";

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

/** A login and ways to read it. */
export interface StoredLogin {
  /** Gives the login as it is, or undefined where there is none. */
  readonly stored: () => Promise<Credential | undefined>;
  /** Gives the login as it is; throws `not_logged_in` where there is none. */
  readonly read: () => Promise<Credential>;
  /** Whether a login's access token is still good. */
  readonly isValid: (credential: Credential) => boolean;
  /** Whether a login's access token will still be good when it arrives. */
  readonly isWorthSending: (credential: Credential) => boolean;
}

/** A login that could not be restored is not restored again before this. */
const RESTORE_PAUSE_MS = 30_000;

/** An entry that stays absent for this long is a logout; opencode writes its file in place. */
const ABSENCE_MS = 1_000;
const ABSENCE_STEP_MS = 50;

/**
 * Reads a login that other processes may replace at any time.
 *
 * @param environment The clock.
 * @param store Where the login is kept.
 * @param memory What the process remembers.
 * @returns Ways to read it.
 */
export function createStoredLogin(
  environment: Pick<Environment, "now" | "sleep">,
  store: CredentialStore,
  memory: RefreshState,
): StoredLogin {
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

  return { stored, read, isValid, isWorthSending };
}
