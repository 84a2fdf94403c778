/** What keeps a login, and what a process knows of its refreshes. */

import { conceal } from "../../kimi/util/redact.ts";
import type { Credential } from "./credential.ts";

/** Keeps a login: in opencode's auth.json, in memory, or in a store of your own. Each function may reject; what it says then is shown to the user. */
export interface LoginStore {
  /** Reads the login as it is stored now; `undefined` if there is none. */
  readonly read: () => Promise<Credential | undefined>;
  /** Returns at once the login that was read last; `undefined` if the stored one may be another by now. */
  readonly peek?: () => Credential | undefined;
  /**
   * Replaces a login by the one that a refresh made of it, but only while the store still holds the
   * refresh token of `from`: any other login there is newer, and no login means a logout.
   */
  readonly update: (from: Credential, to: Credential) => Promise<"stored" | "superseded">;
  /** Stores a new login in place of whatever is there. */
  readonly save: (login: Credential, signal?: AbortSignal) => Promise<void>;
  /**
   * Runs `work` while no other process refreshes the same login. `isMoot` is asked several times a second
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

/** The lease of a store that no other process refreshes. */
export const UNSHARED: Lease = { renew: () => Promise.resolve(true) };

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
  const save = (login: Credential) => Promise.resolve(void (stored = login));
  return plainStore(() => Promise.resolve(stored), save);
}

/** Makes a store of a place that nobody else writes while a refresh is stored. */
export function plainStore(
  read: LoginStore["read"],
  save: (login: Credential) => Promise<void>,
): LoginStore {
  return {
    read,
    save,
    async update(from, to) {
      if ((await read())?.refresh !== from.refresh) return "superseded";
      await save(to);
      return "stored";
    },
  };
}

/** What a process knows of its refreshes, by refresh token. */
export type RefreshMemory = ReturnType<typeof createRefreshMemory>;

export function createRefreshMemory() {
  return conceal({}, {
    /** What came of spent tokens: the newest login. */
    replaced: new Map<string, Credential>(),
    /** The service refused them. */
    rejected: new Set<string>(),
    /** The answer was lost: the service may have replaced the token. */
    uncertain: new Set<string>(),
    /** Refreshes under way, and whether the access token may be used instead. */
    running: new Map<string, { fresh: Promise<Credential>; isUsable: boolean }>(),
    /** The work that has to be done before the process may end. */
    work: new Set<Promise<unknown>>(),
    /** When the next refresh, or the next attempt to store a login, may begin. */
    pausedUntil: new Map<string, number>(),
  });
}
