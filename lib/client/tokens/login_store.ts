/** Where a login is kept: opencode's auth.json, memory, or a store of the caller's own. */

import type { Credential } from "./credential.ts";

/** Where a login is kept. Each function may reject; what it says then is shown to the user. */
export interface LoginStore {
  /** Reads the login as it is stored now; `undefined` if there is none. */
  readonly read: () => Promise<Credential | undefined>;
  /**
   * Replaces a login by the one that a refresh made of it, but only while the store still holds the
   * refresh token of `from`: any other login there is newer, and none is a logout.
   */
  readonly update: (from: Credential, to: Credential) => Promise<"stored" | "superseded">;
  /** Stores a new login in place of whatever is there. */
  readonly save: (login: Credential, signal?: AbortSignal) => Promise<void>;
  /**
   * Runs `work` while no other process refreshes the same login. Absent if one process alone uses the
   * store.
   *
   * @param work What to run.
   * @param isMoot Asked a few times a second during the wait.
   * @returns What `work` returns; `undefined` if it was moot before the lease could be had.
   */
  readonly withLease?: <T>(
    work: (lease: Lease) => Promise<T>,
    isMoot: () => Promise<boolean>,
  ) => Promise<T | undefined>;
}

/** The right to refresh a login, for a limited time. */
export interface Lease {
  /**
   * Starts the time anew, before something irreversible is done. Rejects if a login could not be stored.
   *
   * @returns Whether the lease is still held; if so, nobody breaks it before its full time is over.
   */
  readonly renew: () => Promise<boolean>;
}
