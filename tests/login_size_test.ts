/** How much code is between the question for a token and the stored login. */

import { assert, assertEquals } from "@std/assert";
import { filesBelow, readSource } from "./support/source.ts";

/** All of it, but for helpers that other subjects use too, such as the classifier of network errors and the words for those of files. */
const FILES = [
  "lib/client/auth_json/edit.ts",
  "lib/client/auth_json/store.ts",
  "lib/client/tokens/credential.ts",
  "lib/client/tokens/locked_refresh.ts",
  "lib/client/tokens/login_store.ts",
  "lib/client/tokens/token_manager.ts",
  "lib/opencode/v1/credential_store.ts",
  "lib/runtime/fs/atomic_file.ts",
  "lib/runtime/fs/lock.ts",
  "lib/runtime/fs/lock_holder.ts",
];

/** A device login ends where these begin. */
const LOGIN = "lib/client/tokens/device_login.ts";

/** With comments and blank lines; it may fall, and not rise. */
const MAX_LINES = 1_300;

Deno.test("what owns the login is ten files that do not grow", () => {
  const lines = FILES.map((path) => readSource(path).lines);
  const sum = lines.reduce((sum, count) => sum + count, 0);
  assert(sum <= MAX_LINES, `${sum} lines`);
  const folders = ["lib/client/auth_json", "lib/client/tokens"].flatMap(filesBelow);
  assertEquals(folders.filter((path) => !FILES.includes(path)), [LOGIN], "none is left out");
});
