import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { packNpm } from "../../scripts/build_npm.ts";
import { type Check, once, runChecks, Skipped } from "../../scripts/check_package/check.ts";
import { checkFiles, checkPublint, checkTypesWrong } from "../../scripts/check_package/files.ts";
import { checkBrowser, use } from "../../scripts/check_package/runtimes.ts";
import { compile, type Project, PROJECTS } from "../../scripts/check_package/types.ts";
import { fakePackage, WHOLE } from "./packages.ts";

async function printed(checks: readonly Check[]): Promise<readonly [number, readonly string[]]> {
  let text = "";
  const failed = await runChecks(checks, (part) => text += part);
  return [failed, text.replaceAll(/ +\d+\.\d s/g, "").trimEnd().split("\n")];
}

Deno.test("runChecks() prints a line for each check in their order, whichever ends first", async () => {
  const last = Promise.withResolvers<string>();
  const checks: Check[] = [
    { holds: "the first", run: () => last.promise },
    { holds: "the second", run: () => Promise.resolve("seen") },
    { holds: "the third", run: () => Promise.reject(new Skipped("not on this system")) },
    {
      holds: "the last",
      run: () => {
        last.resolve("late");
        return Promise.reject(new Error("one\ntwo"));
      },
    },
  ];
  assertEquals(await printed(checks), [1, [
    "  ✓ the first  late",
    "  ✓ the second  seen",
    "  - the third  skipped: not on this system",
    "  ✗ the last  ",
    "      one",
    "      two",
  ]]);
});

Deno.test("once() makes a value once, even if making it fails", async () => {
  let made = 0;
  const get = once(() => Promise.reject(new Error(`made ${++made}`)));
  await assertRejects(get, Error, "made 1");
  await assertRejects(get, Error, "made 1");
});

Deno.test("a complete package passes", async () => {
  await using whole = await fakePackage();
  assertStringIncludes(await checkFiles(whole), `${Object.keys(WHOLE).length} files`);
  assertEquals(await use(whole, "node"), "entries 3, modules 5, programs 1");
});

for (
  const [what, changes, said] of [
    ["a file too many", { "dist/notes.txt": "x" }, "dist/notes.txt does not belong there"],
    ["source files", { "dist/mod.ts": "" }, "dist/mod.ts does not belong there"],
    ["a missing licence", { LICENSE: null }, "LICENSE is missing"],
    ["a source map", { "dist/mod.js.map": "{}" }, "dist/mod.js.map does not belong there"],
  ] as const
) {
  Deno.test(`checkFiles() rejects a package with ${what}`, async () => {
    await using broken = await fakePackage(changes);
    const error = await assertRejects(() => checkFiles(broken), Error);
    assertStringIncludes(error.message, said);
  });
}

Deno.test("use() rejects a part that cannot be imported", async () => {
  await using broken = await fakePackage({ "dist/rest.js": 'import "./gone.js";' });
  await assertRejects(() => use(broken, "node"), Error, "gone.js");
});

Deno.test("use() rejects another version than that of package.json", async () => {
  const mod = WHOLE["dist/mod.js"]?.replace("1.2.3", "1.2.2") ?? "";
  await using broken = await fakePackage({ "dist/mod.js": mod });
  await assertRejects(() => use(broken, "node"), Error, '"version":"1.2.2"');
});

Deno.test("use() rejects a program of another version than that of package.json", async () => {
  const cli = "export const run = () => console.log('1.2.2');";
  await using broken = await fakePackage({ "dist/cli.js": cli });
  await assertRejects(() => use(broken, "node"), Error, "dist/bin.js printed 1.2.2");
});

Deno.test("compile() rejects types without the exports of the code", async () => {
  await using broken = await fakePackage();
  const [project] = PROJECTS;
  assert(project !== undefined);
  await assertRejects(() => compile(broken, project), Error, "no exported member");
});

Deno.test("compile() rejects types that need the DOM in a project without it", async () => {
  await using broken = await fakePackage({
    "dist/types/lib/kimi/identity/constants.d.ts": "export declare const VERSION: HTMLElement;",
  });
  const node = PROJECTS.find((project: Project) => project.name.includes("no dom"));
  assert(node !== undefined);
  await assertRejects(() => compile(broken, node), Error, "HTMLElement");
});

Deno.test("checkPublint() rejects a main that is missing", async () => {
  await using broken = await fakePackage({ "dist/server.js": null });
  const tarball = await packNpm(broken.installed, broken.work);
  await assertRejects(() => checkPublint({ ...broken, tarball }), Error, "dist/server.js");
});

Deno.test("checkTypesWrong() rejects an entry without types", async () => {
  await using broken = await fakePackage({ "dist/types/lib/opencode/server.d.ts": null });
  const tarball = await packNpm(broken.installed, broken.work);
  const asked = () => checkTypesWrong({ ...broken, tarball });
  await assertRejects(asked, Error, "opencode-kimi-full/server");
});

Deno.test("checkBrowser() rejects a library that imports node:", async () => {
  const work = await Deno.makeTempDir({ prefix: "kimi-browser-" });
  try {
    const entry = join(work, "entry.ts");
    const code = 'import { readFile } from "node:fs/promises"; export const chatBody = readFile;';
    await Deno.writeTextFile(entry, code);
    await assertRejects(() => checkBrowser(entry, work), Error, "node:fs/promises");
  } finally {
    await Deno.remove(work, { recursive: true });
  }
});
