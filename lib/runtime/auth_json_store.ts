/** The store of a login in an auth.json, for programs that use the library. */

import { createAuthJsonStore } from "../client/auth_json/store.ts";
import type { LoginStore } from "../client/tokens/login_store.ts";
import { sleep } from "./clock.ts";
import { sharedFile } from "./fs/atomic_file.ts";
import { opencodeAuthPath } from "./fs/xdg.ts";
import { ownProcess } from "./globals.ts";

/**
 * Makes a store that keeps the login in an auth.json, by default opencode's own. Other processes may use the
 * same file: refreshes are made under a lock beside it, and entries of other providers keep their bytes.
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
  return createAuthJsonStore({ sleep }, sharedFile(path ?? opencodeAuthPath(ownProcess().env)));
}
