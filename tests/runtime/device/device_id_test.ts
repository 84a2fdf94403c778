import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import { readDeviceId, shareDirectory } from "../../../lib/runtime/device/device_id.ts";
import { inFolder } from "../folder.ts";

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o777;
}

function names(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

const ID = /^[0-9a-f]{32}$/;

Deno.test("shareDirectory() is KIMI_SHARE_DIR, or .kimi in the home folder", () => {
  assertEquals(shareDirectory({ KIMI_SHARE_DIR: "/x" }, "/home/u"), "/x");
  assertEquals(shareDirectory({ KIMI_SHARE_DIR: "" }, "/home/u"), "/home/u/.kimi");
  assertEquals(shareDirectory({}, "/home/u"), "/home/u/.kimi");
});

Deno.test("readDeviceId() creates 32 hexadecimal digits with mode 0600 in a folder of mode 0700", () =>
  inFolder(async (folder) => {
    const share = join(folder, "deep", ".kimi");
    const made = await readDeviceId(share);
    assertEquals(Object.keys(made), ["id"]);
    assertMatch(made.id, ID);
    assertEquals(await Deno.readTextFile(join(share, "device_id")), made.id);
    assertEquals(await readDeviceId(share), made);
    assertEquals(names(share), ["device_id"]);
    if (Deno.build.os === "windows") return;
    assertEquals([await modeOf(join(share, "device_id")), await modeOf(share)], [0o600, 0o700]);
  }));

Deno.test("shareDirectory() of kimi-code is KIMI_CODE_HOME, or .kimi-code in the home folder", () => {
  const variables = { KIMI_SHARE_DIR: "/x", KIMI_CODE_HOME: "/y" };
  assertEquals(shareDirectory(variables, "/home/u", "kimi-code"), "/y");
  assertEquals(
    shareDirectory({ KIMI_CODE_HOME: "" }, "/home/u", "kimi-code"),
    "/home/u/.kimi-code",
  );
  assertEquals(shareDirectory(variables, "/home/u", "opencode"), "/x");
});

Deno.test("readDeviceId() creates a UUID with dashes for kimi-code, and keeps what is there", () =>
  inFolder(async (folder) => {
    const share = join(folder, ".kimi-code");
    const { id } = await readDeviceId(share, "kimi-code");
    assertMatch(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assertEquals(await Deno.readTextFile(join(share, "device_id")), id);
    assertEquals(await readDeviceId(share, "kimi-code"), { id });
    const old = "0123456789abcdef0123456789abcdef";
    await Deno.writeTextFile(join(share, "device_id"), old);
    assertEquals(await readDeviceId(share, "kimi-code"), { id: old });
    assertEquals(await Deno.readTextFile(join(share, "device_id")), old);
    if (Deno.build.os === "windows") return;
    await Deno.remove(share, { recursive: true });
    await readDeviceId(share, "kimi-code");
    assertEquals([await modeOf(join(share, "device_id")), await modeOf(share)], [0o600, 0o700]);
  }));

Deno.test("readDeviceId() called twenty times at once creates one id", () =>
  inFolder(async (folder) => {
    for (const name of ["a", "b", "c"]) {
      const share = join(folder, name);
      const all = await Promise.all(Array.from({ length: 20 }, () => readDeviceId(share)));
      const ids = new Set(all.map(({ id }) => id));
      assertEquals(ids, new Set([await Deno.readTextFile(join(share, "device_id"))]));
      assertEquals(all.filter(({ problem }) => problem !== undefined), []);
      assertEquals(names(share), ["device_id"]);
    }
  }));

// The content of the file, and the result of kimi-cli's `read_text().strip()`.
const EXISTING = [
  ["of 32 digits", "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"],
  ["with a newline", "0123456789abcdef0123456789abcdef\n", "0123456789abcdef0123456789abcdef"],
  ["in Python's white space", " \t\r\nid\u001c\u0085\u00a0\u3000", "id"],
  ["in characters that Python does not strip", "\ufeffid\u200b", "\ufeffid\u200b"],
  ["that is not hexadecimal", "not hexadecimal at all", "not hexadecimal at all"],
  ["that is empty", "", ""],
] as const;

for (const [name, content, id] of EXISTING) {
  Deno.test(`readDeviceId() reads an id ${name} as kimi-cli does and leaves the file unchanged`, () =>
    inFolder(async (folder) => {
      const path = join(folder, "device_id");
      await Deno.writeTextFile(path, content, { mode: 0o644 });
      const then = new Date(1_600_000_000_000);
      await Deno.utime(path, then, then);
      await Deno.utime(folder, then, then);
      const mode = await modeOf(path);
      assertEquals(await readDeviceId(folder), { id });
      assertEquals([await Deno.readTextFile(path), await modeOf(path)], [content, mode]);
      assertEquals((await Deno.stat(path)).mtime, then);
      assertEquals((await Deno.stat(folder)).mtime, then);
    }));
}

async function assertUnusable(share: string): Promise<void> {
  const { id, problem = "" } = await readDeviceId(share);
  assertMatch(id, ID);
  assertMatch(problem, /^The device id [^\n]+device_id cannot be used \([^\n]+[^.\n]$/);
  assert(problem.includes(share));
  assertNotEquals((await readDeviceId(share)).id, id);
}

Deno.test("readDeviceId() returns a temporary id if a folder is in place of the file", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "device_id"));
    await assertUnusable(folder);
    assertEquals(names(folder), ["device_id"]);
  }));

Deno.test("readDeviceId() returns a temporary id if a file is in place of the folder", () =>
  inFolder(async (folder) => {
    const share = join(folder, ".kimi");
    await Deno.writeTextFile(share, "a file");
    await assertUnusable(share);
    assertEquals(await Deno.readTextFile(share), "a file");
  }));

Deno.test({
  name: "readDeviceId() returns a temporary id and keeps a dangling link in place of the file",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      await Deno.symlink(join(folder, "nothing"), join(folder, "device_id"));
      await assertUnusable(folder);
      assertEquals(names(folder), ["device_id"]);
    }),
});

Deno.test({
  name: "readDeviceId() returns a temporary id if the file is not readable (skipped as root)",
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
  fn: () =>
    inFolder(async (folder) => {
      const path = join(folder, "device_id");
      await Deno.writeTextFile(path, "id", { mode: 0o000 });
      await assertUnusable(folder);
      assertEquals(await modeOf(path), 0);
    }),
});
