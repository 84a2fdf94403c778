/** What keeps a login, and the store that keeps it in memory. */

import type { Credential } from "./credential.ts";

/** Keeps a login: in opencode's auth.json, in memory, or in a store of your own. Each function may reject; what it says then is shown to the user. */
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
   * Runs `work` while no other process refreshes the same login. `isMoot` is asked a few times a second
   * during the wait; returns `undefined` if it was moot before that. Absent if one process alone uses the store.
   */
  readonly withLease?: <T>(
    work: (lease: Lease) => Promise<T>,
    isMoot: () => Promise<boolean>,
  ) => Promise<T | undefined>;
}

/** The right to refresh a login, for a limited time. */
export interface Lease {
  /**
   * Starts the time anew, before something irreversible is done, and returns whether the lease is still
   * held: then nobody breaks it before its full time is over. Rejects if a login could not be stored.
   */
  readonly renew: () => Promise<boolean>;
}

/**
 * Makes a store for {@linkcode createKimi} that keeps the login in memory, until the process ends.
 *
 * @example
 * ```ts
 * import { credentialFromTokens, memoryStore } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const store = memoryStore(credentialFromTokens({ accessToken: "a", refreshToken: "r" }, 0));
 * assertEquals((await store.read())?.access, "a");
 * ```
 */
export function memoryStore(login?: Credential): LoginStore {
  let stored = login;
  return {
    read: () => Promise.resolve(stored),
    update(from, to) {
      if (stored?.refresh !== from.refresh) return Promise.resolve("superseded");
      stored = to;
      return Promise.resolve("stored");
    },
    save: (login) => Promise.resolve(void (stored = login)),
  };
}
