import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { makeFolder } from "../../../lib/runtime/fs/make_folder.ts";
import { inFolder } from "../folder.ts";

async function names(folder: string): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}

Deno.test("a folder is made for this user alone, and what was made goes again", () =>
  inFolder(async (folder) => {
    const path = join(folder, "share/opencode");
    const takeBack = await makeFolder(path);
    for (const made of [path, join(folder, "share")]) {
      assertEquals(((await Deno.stat(made)).mode ?? 0) & 0o777, 0o700);
    }
    await takeBack();
    assertEquals(await names(folder), []);
  }));

Deno.test("what was there, or holds something meanwhile, stays", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "share"));
    const path = join(folder, "share/opencode");
    await (await makeFolder(path))();
    assertEquals(await names(folder), ["share"]);
    const takeBack = await makeFolder(path);
    await Deno.writeTextFile(join(path, "auth.json"), "{}");
    await takeBack();
    assertEquals(await names(path), ["auth.json"]);
    await Deno.remove(join(path, "auth.json"));
    await (await makeFolder(path))();
    assertEquals(await names(join(folder, "share")), ["opencode"]);
  }));

Deno.test("a file in its place is an error", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    await assertRejects(() => makeFolder(join(folder, "file")));
    await assertRejects(() => makeFolder(join(folder, "file/opencode")));
  }));
