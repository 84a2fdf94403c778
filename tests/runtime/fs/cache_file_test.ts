import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { modelsFile } from "../../../lib/runtime/fs/cache_file.ts";
import { inFolder } from "../folder.ts";

function names(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

Deno.test("the file lies below XDG_CACHE_HOME, or ~/.cache", () => {
  const path = (variables: Readonly<Record<string, string>>) =>
    modelsFile(variables, "/home/u").path;
  assertEquals(path({}), "/home/u/.cache/opencode-kimi-full/models.json");
  assertEquals(path({ XDG_CACHE_HOME: "" }), "/home/u/.cache/opencode-kimi-full/models.json");
  assertEquals(path({ XDG_CACHE_HOME: "/var/c" }), "/var/c/opencode-kimi-full/models.json");
});

Deno.test("what is not there is read as none, and made for this user alone", async () => {
  await inFolder(async (home) => {
    const file = modelsFile({}, home);
    assertEquals(await file.read(), undefined);
    assertEquals(names(home), []);
    for (const text of ["one", "two"]) {
      await file.replace(text);
      assertEquals(await file.read(), text);
    }
    const folder = join(home, ".cache/opencode-kimi-full");
    assertEquals(names(folder), ["models.json"]);
    if (Deno.build.os === "windows") return;
    const mode = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o777;
    assertEquals([await mode(folder), await mode(file.path)], [0o700, 0o600]);
  });
});

Deno.test("an empty folder in its place is replaced", async () => {
  await inFolder(async (home) => {
    const file = modelsFile({}, home);
    await Deno.mkdir(file.path, { recursive: true });
    await assertRejects(() => file.read(), Error, "EISDIR");
    await file.replace("text");
    assertEquals(await file.read(), "text");
  });
});

Deno.test("a folder with something in it stays, and nothing is left beside it", async () => {
  await inFolder(async (home) => {
    const file = modelsFile({}, home);
    await Deno.mkdir(join(file.path, "mine"), { recursive: true });
    await assertRejects(() => file.replace("text"), Error);
    assertEquals(names(join(file.path, "..")), ["models.json"]);
    assert((await Deno.stat(join(file.path, "mine"))).isDirectory);
  });
});

Deno.test("what is no file, or too large to be ours, is not waited for, and is replaced", async () => {
  const inPlace: readonly ((path: string) => unknown)[] = [
    (path) => Deno.truncate(path, 4_000_001),
    ...(Deno.build.os === "windows" ? [] : [
      async (path: string) => {
        await Deno.remove(path);
        return await new Deno.Command("mkfifo", { args: [path] }).output();
      },
      async (path: string) => {
        await Deno.remove(path);
        return await Deno.symlink("/dev/zero", path);
      },
    ]),
  ];
  for (const put of inPlace) {
    await inFolder(async (home) => {
      const file = modelsFile({}, home);
      await file.replace("text");
      await put(file.path);
      await assertRejects(() => file.read(), Error, "it is ");
      await file.replace("text");
      assertEquals(await file.read(), "text");
    });
  }
});

Deno.test("a file in the place of its folder is an error", async () => {
  await inFolder(async (home) => {
    await Deno.writeTextFile(join(home, ".cache"), "");
    await assertRejects(() => modelsFile({}, home).replace("text"), Error);
    await assertRejects(() => modelsFile({}, home).read(), Error);
  });
});

Deno.test("many writers at once leave one whole file", async () => {
  await inFolder(async (home) => {
    const texts = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(100_000));
    await Promise.all(texts.map((text) => modelsFile({}, home).replace(text)));
    const file = modelsFile({}, home);
    assert(texts.includes(await file.read() ?? ""));
    assertEquals(names(join(file.path, "..")), ["models.json"]);
  });
});
