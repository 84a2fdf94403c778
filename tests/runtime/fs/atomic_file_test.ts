import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import type { SharedFile } from "../../../lib/client/environment.ts";
import { sharedAuthFile, versionReader } from "../../../lib/runtime/fs/atomic_file.ts";
import { opencodeDataDirectory } from "../../../lib/runtime/fs/xdg.ts";
import { mount, onSmallDisk } from "./small_disk.ts";
import { names, OLD, open, withFile } from "./auth_file.ts";

/** Runs a test with auth.json on a disk of 64 KB. */
async function onDisk(
  t: Deno.TestContext,
  run: (file: SharedFile, folder: string) => Promise<void>,
): Promise<void> {
  await withFile((_, folder) =>
    onSmallDisk(t, folder, async (disk) => run(await open(disk), disk))
  );
}

Deno.test("auth.json is found as opencode finds it, and without its folder there is none", () =>
  withFile(async (file, folder) => {
    assertEquals(opencodeDataDirectory({}, "/home/u"), "/home/u/.local/share/opencode");
    assertEquals(opencodeDataDirectory({ XDG_DATA_HOME: "" }, "/h"), "/h/.local/share/opencode");
    assertEquals(opencodeDataDirectory({ XDG_DATA_HOME: "/x" }, "/home/u"), "/x/opencode");
    assertEquals(file.path, `${folder}/auth.json`);
    assertEquals(await file.read(), undefined);
    assertEquals(await sharedAuthFile(`${folder}/missing`), undefined);
    await file.replace(OLD);
    assertEquals(await sharedAuthFile(file.path), undefined, "a file is no folder");
  }));

Deno.test("what replaces auth.json is readable by its user alone, whatever was there", () =>
  withFile(async (file, folder) => {
    await Deno.writeTextFile(file.path, OLD);
    await Deno.chmod(file.path, 0o644);
    await file.replace("{}");
    const { mode } = await Deno.stat(file.path);
    assertEquals([await file.read(), (mode ?? 0) & 0o777], ["{}", 0o600]);
    assertEquals(await names(folder), ["auth.json"]);
  }));

Deno.test("a link in the place of auth.json stays one, whether there is something at its end or not", () =>
  withFile(async (file, folder) => {
    await Deno.mkdir(join(folder, "dotfiles"));
    await Deno.symlink("dotfiles/kept.json", file.path);
    for (const text of ["{}", OLD]) {
      await file.assertWritable();
      await file.replace(text);
      assertEquals(await Deno.readLink(file.path), "dotfiles/kept.json");
      assertEquals(await Deno.readTextFile(join(folder, "dotfiles/kept.json")), text);
    }
    assertEquals(await names(join(folder, "dotfiles")), ["kept.json"]);
  }));

Deno.test("a reader finds the old text or the new one, never a part", () =>
  withFile(async (file) => {
    const texts = ["a", "b"].map((letter) => letter.repeat(200_000));
    await file.replace(texts[0] ?? "");
    let isRunning = true;
    const writing = (async () => {
      for (let turn = 1; turn <= 40; turn++) await file.replace(texts[turn % 2] ?? "");
    })().finally(() => isRunning = false);
    let reads = 0;
    while (isRunning) {
      assert(texts.includes(await file.read() ?? ""), "whole");
      reads++;
    }
    await writing;
    assert(reads > 1);
  }));

Deno.test("who writes at the same time does not get in each other's way", () =>
  withFile(async (file, folder) => {
    const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(1_000));
    await Promise.all(texts.map((text) => file.replace(text)));
    assert(texts.includes(await file.read() ?? ""));
    assertEquals(await names(folder), ["auth.json"]);
  }));

Deno.test("a replacement that fails leaves no temporary file", () =>
  withFile(async (file, folder) => {
    await Deno.mkdir(join(file.path, "inside"), { recursive: true });
    await assertRejects(() => file.replace("{}"));
    assertEquals(await names(folder), ["auth.json"]);
  }));

Deno.test("lock() removes what killed processes left behind, and nothing else", () =>
  withFile(async (file, folder) => {
    const id = crypto.randomUUID();
    const others = [
      "auth.json.bak",
      "auth.json.tmp",
      `other.json.${id}.tmp`,
      "kimi-for-coding-oauth.lock.old",
    ];
    for (const name of [`auth.json.${id}.tmp`, ...others]) {
      await Deno.writeTextFile(join(folder, name), OLD);
    }
    await Deno.mkdir(join(folder, `kimi-for-coding-oauth.lock.${id}`, "of it"), {
      recursive: true,
    });
    const lock = await file.lock();
    assertEquals(await names(folder), ["kimi-for-coding-oauth.lock", ...others].sort());
    await lock?.release();
  }));

Deno.test("to ask whether auth.json can be written changes nothing", () =>
  withFile(async (file, folder) => {
    await file.assertWritable();
    assertEquals(await names(folder), []);
    await Deno.writeTextFile(file.path, OLD, { mode: 0o640 });
    const { mtime, mode } = await Deno.stat(file.path);
    await file.assertWritable();
    const after = await Deno.stat(file.path);
    assertEquals([after.mtime, after.mode], [mtime, mode]);
    assertEquals([await file.read(), await names(folder)], [OLD, ["auth.json"]]);
  }));

Deno.test("a folder in the place of auth.json, or none around it, is known before a chain is spent", () =>
  withFile(async (file, folder) => {
    await Deno.mkdir(file.path);
    await assertRejects(() => file.assertWritable(), Error, "EISDIR");
    assertEquals(await names(folder), ["auth.json"]);
    const inner = join(folder, "inner");
    await Deno.mkdir(inner);
    const gone = await open(inner);
    await Deno.remove(inner);
    await assertRejects(() => gone.assertWritable(), Error, "ENOENT");
    await assertRejects(() => gone.replace("{}"), Error, "ENOENT");
    await assertRejects(() => gone.lock(), Error, "ENOENT");
  }));

Deno.test("a full disk is known before a chain is spent, and what is there stays", (t) =>
  onDisk(t, async (file, disk) => {
    await file.replace(OLD);
    await file.assertWritable();
    await Deno.writeFile(join(disk, "fill"), new Uint8Array(48 * 1024));
    await assertRejects(() => file.assertWritable(), Error, "ENOSPC");
    await assertRejects(() => file.replace(" ".repeat(20_000)), Error, "ENOSPC");
    assertEquals([await file.read(), await names(disk)], [OLD, ["auth.json", "fill"]]);
  }));

Deno.test("a disk that has become read-only is known before a chain is spent", (t) =>
  onDisk(t, async (file, disk) => {
    await file.replace(OLD);
    assert(await mount("-o", "remount,ro", disk));
    await assertRejects(() => file.assertWritable(), Error, "EROFS");
    await assertRejects(() => file.replace("{}"), Error, "EROFS");
    await assertRejects(() => file.lock(), Error, "EROFS");
    assertEquals([await file.read(), await names(disk)], [OLD, ["auth.json"]]);
  }));

Deno.test("a file has a version once its stat was the same for a second, and each change ends that", () =>
  withFile(async ({ path, replace }) => {
    let time = 0;
    const version = versionReader(path, () => time);
    assertEquals([version(), version()], [undefined, undefined], "none is there");
    time += 1_001;
    assertEquals(version(), undefined, "nor later");
    await replace(OLD);
    assertEquals(version(), undefined, "another write may follow");
    time += 1_000;
    assertEquals(version(), undefined);
    time += 1;
    const first = version();
    assert(first !== undefined && first === version());
    // In place and of one length, as opencode writes.
    await Deno.writeTextFile(path, OLD.replace("api", "key"));
    await Deno.utime(path, 1, 1);
    assertEquals(version(), undefined);
    time += 1_001;
    const second = version();
    assert(second !== undefined && second !== first && second === version());
    await Deno.remove(path);
    assertEquals(version(), undefined);
    time += 1_001;
    assertEquals(version(), undefined);
  }));

Deno.test("a file is replaced only if it still holds what was read", () =>
  withFile(async ({ path, read, replace }, folder) => {
    assertEquals(await replace(OLD, { text: undefined }), true);
    assertEquals(await replace("{}", { text: undefined }), false);
    assertEquals(await replace("{}", { text: "{ }" }), false);
    assertEquals([await read(), await names(folder)], [OLD, ["auth.json"]]);
    assertEquals([await replace("{}", { text: OLD }), await read()], [true, "{}"]);
    await Deno.truncate(path);
    assertEquals(await replace(OLD, { text: "{}" }), false, "opencode is writing it");
    assertEquals([await replace(OLD, { text: undefined }), await read()], [true, OLD]);
  }));
