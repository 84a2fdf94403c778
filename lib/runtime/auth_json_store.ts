/** opencode's auth.json as a store of the login. */

import { createAuthJsonStore } from "../client/auth_json/store.ts";
import type { LoginStore } from "../client/tokens/login_store.ts";
import { opencodeDataDirectory, sharedFile } from "./fs/atomic_file.ts";
import { ownProcess } from "./process.ts";
import { sleep } from "./timers.ts";

/**
 * Makes a store that keeps the login in opencode's auth.json, which it shares with opencode and with
 * other processes: refreshes are made under a lock beside the file, and entries of other providers
 * keep their bytes.
 *
 * @param path The file; by default opencode's own, `~/.local/share/opencode/auth.json`.
 * @returns The store.
 * @example
 * ```ts
 * import { authJsonStore } from "@kimi/full/runtime";
 * import { credentialFromTokens } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const store = authJsonStore(`${await Deno.makeTempDir()}/auth.json`);
 * await store.save(credentialFromTokens({ accessToken: "a", refreshToken: "r" }, 0));
 * assertEquals((await store.read())?.refresh, "r");
 * ```
 */
export function authJsonStore(path?: string): LoginStore {
  let made: Promise<LoginStore> | undefined;
  const store = () => made ??= openStore(path);
  return {
    read: async () => await (await store()).read(),
    update: async (from, to) => await (await store()).update(from, to),
    save: async (login, signal) => await (await store()).save(login, signal),
    async withLease(work, isMoot) {
      const { withLease } = await store();
      const held = { renew: () => Promise.resolve(true) };
      return await (withLease === undefined ? work(held) : withLease(work, isMoot));
    },
  };
}

async function openStore(path: string | undefined): Promise<LoginStore> {
  const { basename, dirname } = await import("node:path");
  const { homedir } = await import("node:os");
  const file = path ?? `${opencodeDataDirectory(ownProcess().env, homedir())}/auth.json`;
  return createAuthJsonStore({ sleep }, sharedFile(dirname(file), basename(file)));
}
