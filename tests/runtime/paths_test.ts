/** Paths of shared files on each platform, as Python and opencode compute them. */

import { assertEquals } from "@std/assert";
import { posix, win32 } from "node:path";
import { shareDirectory } from "../../lib/runtime/device/device_id.ts";
import { modelsFile } from "../../lib/runtime/fs/cache_file.ts";
import { opencodeDataDirectory } from "../../lib/runtime/fs/xdg.ts";

const WINDOWS = "C:\\Users\\Zoë Müller";
const MAC = "/Users/zoe";

Deno.test("shareDirectory() is Python's Path.home() / '.kimi' on each platform", () => {
  assertEquals(win32.normalize(shareDirectory({}, WINDOWS)), `${WINDOWS}\\.kimi`);
  assertEquals(posix.normalize(shareDirectory({}, MAC)), `${MAC}/.kimi`);
});

Deno.test("shareDirectory() returns KIMI_SHARE_DIR unchanged, with either slash", () => {
  for (const folder of ["D:\\kimi", "D:/kimi", "\\\\server\\share\\kimi", "/opt/kimi", "kimi"]) {
    assertEquals(shareDirectory({ KIMI_SHARE_DIR: folder }, WINDOWS), folder);
  }
});

Deno.test("opencodeDataDirectory() is in .local/share on every platform, as in xdg-basedir", () => {
  const data = (home: string) => opencodeDataDirectory({}, home);
  assertEquals(win32.normalize(data(WINDOWS)), `${WINDOWS}\\.local\\share\\opencode`);
  assertEquals(posix.normalize(data(MAC)), `${MAC}/.local/share/opencode`);
  // The data folders of Windows are ignored.
  const variables = { LOCALAPPDATA: "C:\\x", APPDATA: "C:\\y", ProgramData: "C:\\z" };
  assertEquals(opencodeDataDirectory(variables, WINDOWS), data(WINDOWS));
});

Deno.test("opencodeDataDirectory() is below XDG_DATA_HOME on every platform", () => {
  const moved = opencodeDataDirectory({ XDG_DATA_HOME: "D:\\data" }, WINDOWS);
  assertEquals(win32.normalize(moved), "D:\\data\\opencode");
});

Deno.test("modelsFile() is in .cache on every platform, as opencode's packages are", () => {
  const below = ".cache/opencode-kimi-full/models.json";
  assertEquals(win32.normalize(modelsFile({}, WINDOWS).path), win32.join(WINDOWS, below));
  assertEquals(posix.normalize(modelsFile({}, MAC).path), posix.join(MAC, below));
});
