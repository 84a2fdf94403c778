/** Where files lie on each system, as Python and opencode find them there. */

import { assertEquals } from "@std/assert";
import { posix, win32 } from "node:path";
import { shareDirectory } from "../../lib/runtime/device/device_id.ts";
import { modelsFile } from "../../lib/runtime/fs/cache_file.ts";
import { opencodeDataDirectory } from "../../lib/runtime/fs/atomic_file.ts";

const WINDOWS = "C:\\Users\\Zoë Müller";
const MAC = "/Users/zoe";

Deno.test("the share folder is the one that Path.home() / '.kimi' names on each system", () => {
  assertEquals(win32.normalize(shareDirectory({}, WINDOWS)), `${WINDOWS}\\.kimi`);
  assertEquals(posix.normalize(shareDirectory({}, MAC)), `${MAC}/.kimi`);
});

Deno.test("KIMI_SHARE_DIR is taken as it is, with either slash", () => {
  for (const folder of ["D:\\kimi", "D:/kimi", "\\\\server\\share\\kimi", "/opt/kimi", "kimi"]) {
    assertEquals(shareDirectory({ KIMI_SHARE_DIR: folder }, WINDOWS), folder);
  }
});

Deno.test("opencode's data lie in .local/share on every system, as xdg-basedir has it", () => {
  const data = (home: string) => opencodeDataDirectory({}, home);
  assertEquals(win32.normalize(data(WINDOWS)), `${WINDOWS}\\.local\\share\\opencode`);
  assertEquals(posix.normalize(data(MAC)), `${MAC}/.local/share/opencode`);
  // Neither of the systems' own folders for such data is looked at.
  const variables = { LOCALAPPDATA: "C:\\x", APPDATA: "C:\\y", ProgramData: "C:\\z" };
  assertEquals(opencodeDataDirectory(variables, WINDOWS), data(WINDOWS));
});

Deno.test("XDG_DATA_HOME moves opencode's data on every system", () => {
  const moved = opencodeDataDirectory({ XDG_DATA_HOME: "D:\\data" }, WINDOWS);
  assertEquals(win32.normalize(moved), "D:\\data\\opencode");
});

Deno.test("the models lie in .cache on every system, as opencode's packages do", () => {
  const below = ".cache/opencode-kimi-full/models.json";
  assertEquals(win32.normalize(modelsFile({}, WINDOWS).path), win32.join(WINDOWS, below));
  assertEquals(posix.normalize(modelsFile({}, MAC).path), posix.join(MAC, below));
});
