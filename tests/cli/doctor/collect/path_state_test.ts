/** readPath() on real files. */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  createCachedReader,
  type PathState,
  readPath,
} from "../../../../lib/cli/doctor/collect/path_state.ts";

async function folder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "kimi-path-state-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("readPath() returns the text of a file and its mode, with U+FFFD for bytes that are not UTF-8", async () => {
  await using made = await folder();
  const path = join(made.path, "a");
  await Deno.writeTextFile(path, "héllo", { mode: 0o640 });
  const seen = await readPath(path);
  assertEquals(seen.state === "file" && seen.text, "héllo");
  if (Deno.build.os !== "windows") assertEquals(seen.state === "file" && seen.mode, 0o640);
  await Deno.writeFile(path, new Uint8Array([0x61, 0xff]));
  const odd = await readPath(path);
  assertEquals(odd.state === "file" && odd.text, "a\ufffd");
});

Deno.test("readPath() distinguishes folders, missing paths and paths below a file", async () => {
  await using made = await folder();
  await Deno.writeTextFile(join(made.path, "b"), "");
  await Deno.writeTextFile(join(made.path, "a"), "");
  const seen = await readPath(made.path);
  assertEquals(seen.state === "folder" && seen.names, ["a", "b"]);
  assertEquals(await readPath(join(made.path, "c")), { state: "missing" });
  assertEquals(await readPath(join(made.path, "a", "c")), { state: "missing" });
});

Deno.test({
  name: "readPath() does not wait for a pipe",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using made = await folder();
    const path = join(made.path, "pipe");
    await new Deno.Command("mkfifo", { args: [path] }).output();
    assertEquals(await readPath(path), { state: "unreadable", code: "not a regular file" });
  },
});

Deno.test("createCachedReader() reads each path once", async () => {
  const paths: string[] = [];
  const read = createCachedReader((path): Promise<PathState> => {
    paths.push(path);
    return Promise.resolve({ state: "missing" });
  });
  await Promise.all([read("/a"), read("/a"), read("/b")]);
  assertEquals(paths, ["/a", "/b"]);
});
