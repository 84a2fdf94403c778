/** opencode's auth.json as a store of the login. */

import { homedir } from "node:os";
import { basename, dirname } from "node:path";
import { createAuthJsonStore } from "../client/auth_json/store.ts";
import type { LoginStore } from "../client/tokens/login_store.ts";
import type { Variables } from "../kimi/chat/env_settings.ts";
import { opencodeDataDirectory, sharedFile } from "./fs/atomic_file.ts";
import { ownProcess } from "./globals.ts";
import { sleep } from "./clock.ts";

/** The path of opencode's auth.json. */
export function opencodeAuthPath(variables: Variables): string {
  return `${opencodeDataDirectory(variables, homedir())}/auth.json`;
}

/**
 * Makes a store that keeps the login in an auth.json, by default opencode's own, which it shares with
 * other processes: refreshes are made under a lock beside the file, and entries of other providers
 * keep their bytes.
 *
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
  const file = path ?? opencodeAuthPath(ownProcess().env);
  return createAuthJsonStore({ sleep }, sharedFile(dirname(file), basename(file)));
}
