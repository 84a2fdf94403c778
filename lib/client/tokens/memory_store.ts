/** A login that is kept in memory, and lost when the process ends. */

import type { Credential } from "./credential.ts";
import type { LoginStore } from "./login_store.ts";

/**
 * Makes a store for {@linkcode createKimi} that keeps the login in memory.
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
