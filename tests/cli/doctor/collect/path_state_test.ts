/** What is seen of real files. */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  lookAt,
  lookingOnce,
  type Sighting,
} from "../../../../lib/cli/doctor/collect/path_state.ts";

async function folder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "kimi-sighting-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("a file is seen with its text, its mode and whether it is UTF-8", async () => {
  await using made = await folder();
  const path = join(made.path, "a");
  await Deno.writeTextFile(path, "héllo", { mode: 0o640 });
  const seen = await lookAt(path);
  assertEquals(seen.state === "file" && [seen.text, seen.isUtf8], ["héllo", true]);
  if (Deno.build.os !== "windows") assertEquals(seen.state === "file" && seen.mode, 0o640);
  await Deno.writeFile(path, new Uint8Array([0x61, 0xff]));
  const odd = await lookAt(path);
  assertEquals(odd.state === "file" && [odd.text, odd.isUtf8], ["a\ufffd", false]);
});

Deno.test("folders, absent paths and paths below a file are told apart", async () => {
  await using made = await folder();
  await Deno.writeTextFile(join(made.path, "b"), "");
  await Deno.writeTextFile(join(made.path, "a"), "");
  const seen = await lookAt(made.path);
  assertEquals(seen.state === "folder" && seen.names, ["a", "b"]);
  assertEquals(await lookAt(join(made.path, "c")), { state: "missing" });
  assertEquals(await lookAt(join(made.path, "a", "c")), { state: "missing" });
});

Deno.test({
  name: "a pipe is not waited for",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using made = await folder();
    const path = join(made.path, "pipe");
    await new Deno.Command("mkfifo", { args: [path] }).output();
    assertEquals(await lookAt(path), { state: "unreadable", code: "no regular file" });
  },
});

Deno.test("a path is looked at once", async () => {
  const asked: string[] = [];
  const look = lookingOnce((path): Promise<Sighting> => {
    asked.push(path);
    return Promise.resolve({ state: "missing" });
  });
  await Promise.all([look("/a"), look("/a"), look("/b")]);
  assertEquals(asked, ["/a", "/b"]);
});
