/** A login that is kept in memory, and lost when the process ends. */

import type { Credential } from "./credential.ts";
import type { LoginStore } from "./login_store.ts";

/**
 * Makes a store that keeps the login in memory.
 *
 * @param login The login to begin with.
 * @returns The store, for {@linkcode createKimi}.
 * @example
 * ```ts
 * import { credentialFromTokens, memoryStore } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const store = memoryStore();
 * assertEquals(await store.read(), undefined);
 * await store.save(credentialFromTokens({ accessToken: "a", refreshToken: "r" }, 0));
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
    save(login) {
      stored = login;
      return Promise.resolve();
    },
  };
}
