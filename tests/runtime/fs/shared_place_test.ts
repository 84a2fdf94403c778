/** auth.json in places that it shares with others: a mount, another user, two links. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { inFolder } from "../folder.ts";
import { names, OLD, open, withFile } from "./auth_file.ts";
import { overwrite } from "../../../lib/runtime/fs/overwrite.ts";
import { mount, onSmallDisk, unmount } from "./small_disk.ts";

Deno.test("replace() writes into a file that is mounted by itself, as in a container", (t) =>
  withFile(async (file, folder) => {
    const outside = join(folder, "outside.json");
    await Deno.writeTextFile(outside, OLD);
    await Deno.writeTextFile(file.path, "");
    const isMounted = await mount("--bind", outside, file.path);
    const name = isMounted ? "on a bind mount" : "skipped: nothing can be mounted here";
    await t.step({
      name,
      ignore: !isMounted,
      async fn() {
        try {
          await file.assertWritable();
          assertEquals(await file.replace("{}", { text: "else" }), false);
          assertEquals(await file.replace('{"a":1}', { text: OLD }), true);
          assertEquals(await Deno.readTextFile(outside), '{"a":1}');
        } finally {
          await unmount(file.path);
        }
        assertEquals(await names(folder), ["auth.json", "outside.json"]);
      },
    });
  }));

Deno.test({
  name: "a file that root replaces stays its owner's",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  fn: () =>
    withFile(async (file) => {
      await Deno.writeTextFile(file.path, OLD);
      await Deno.chown(file.path, 1234, 1235);
      assertEquals(await file.replace("{}", { text: OLD }), true);
      const { uid, gid, mode } = await Deno.stat(file.path);
      assertEquals([uid, gid, (mode ?? 0) & 0o777], [1234, 1235, 0o600]);
    }),
});

Deno.test("two links to one file have one lock", () =>
  inFolder(async (folder) => {
    const files = await Promise.all(["a", "b"].map(async (name) => {
      await Deno.mkdir(join(folder, name));
      await Deno.symlink(join(folder, "auth.json"), join(folder, name, "auth.json"));
      return await open(join(folder, name));
    }));
    await Deno.writeTextFile(join(folder, "auth.json"), OLD);
    const lock = await files[0]?.lock();
    assertEquals(await files[1]?.lock(() => Promise.resolve(true)), undefined);
    await lock?.release();
    assertEquals(await names(folder), ["a", "auth.json", "b"]);
  }));

Deno.test("a mounted file that has no room for the new text keeps the old one", (t) =>
  withFile((file, folder) =>
    onSmallDisk(t, folder, async (disk) => {
      const outside = join(disk, "outside.json");
      await Deno.writeTextFile(outside, OLD);
      const fill = await Deno.open(join(disk, "fill"), { create: true, write: true });
      while (await fill.write(new Uint8Array(4096)).catch(() => 0) > 0);
      fill.close();
      await Deno.writeTextFile(file.path, "");
      assert(await mount("--bind", outside, file.path));
      try {
        const large = JSON.stringify({ other: "x".repeat(20_000) });
        await assertRejects(
          () => Promise.resolve(file.replace(large, { text: OLD })),
          Error,
          "ENOSPC",
        );
        assertEquals(await Deno.readTextFile(outside), OLD);
      } finally {
        await unmount(file.path);
      }
    })
  ));

Deno.test("overwrite() puts the old text back if the new one cannot be written", () =>
  withFile(async ({ path }) => {
    await Deno.writeTextFile(path, OLD);
    overwrite(path, "{}");
    assertEquals(await Deno.readTextFile(path), "{}");
    assertThrows(() => overwrite(`${path}.missing`, "{}"), Error, "ENOENT");
  }));
