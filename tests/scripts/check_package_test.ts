/** The package check sees what is wrong. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { packNpm } from "../../scripts/build_npm.ts";
import { type Check, once, runChecks, Skipped } from "../../scripts/check_package/check.ts";
import { checkFiles } from "../../scripts/check_package/files.ts";
import { checkBrowser } from "../../scripts/check_package/library.ts";
import { checkPublint, checkTypesWrong } from "../../scripts/check_package/linters.ts";
import { use } from "../../scripts/check_package/runtimes.ts";
import { compile, type Project, PROJECTS } from "../../scripts/check_package/types.ts";
import { fakePackage, WHOLE } from "./packages.ts";

async function printed(checks: readonly Check[]): Promise<readonly [number, readonly string[]]> {
  let text = "";
  const failed = await runChecks(checks, (part) => text += part);
  return [failed, text.replaceAll(/ +\d+\.\d s/g, "").trimEnd().split("\n")];
}

Deno.test("checks have a line each, in their order, whichever ends first", async () => {
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

Deno.test("what several checks need is made once, even where it cannot be had", async () => {
  let made = 0;
  const get = once(() => Promise.reject(new Error(`made ${++made}`)));
  await assertRejects(get, Error, "made 1");
  await assertRejects(get, Error, "made 1");
});

Deno.test("a package with each of its files passes", async () => {
  await using whole = await fakePackage();
  assertStringIncludes(await checkFiles(whole), `${Object.keys(WHOLE).length} files`);
  assertEquals(await use(whole, "node"), "entries 3, modules 5, programs 1");
});

for (
  const [what, changes, said] of [
    ["a file too many", { "dist/notes.txt": "x" }, "dist/notes.txt does not belong there"],
    ["a bundle too many", { "dist/old.js": "" }, "dist/old.js does not belong there"],
    ["source files", { "dist/mod.ts": "" }, "dist/mod.ts does not belong there"],
    ["no licence", { LICENSE: null }, "LICENSE is missing"],
    ["a missing part", { "dist/rest.js": null }, "dist/rest.js is missing"],
    [
      "a part that nothing imports",
      { "dist/server.js": "export default {};" },
      "dist/rest.js is imported by nothing",
    ],
    [
      "a declaration that no other names",
      { "dist/types/mod.d.ts": "export {};" },
      "dist/types/lib/kimi/identity/constants.d.ts is imported by nothing",
    ],
    [
      "an import of what is not there",
      { "dist/mod.js": 'export * from "./gone.js";' },
      "dist/gone.js is missing",
    ],
  ] as const
) {
  Deno.test(`the list of files does not pass with ${what}`, async () => {
    await using broken = await fakePackage(changes);
    const error = await assertRejects(() => checkFiles(broken), Error);
    assertStringIncludes(error.message, said);
  });
}

Deno.test("a part that cannot be imported fails under a runtime", async () => {
  await using broken = await fakePackage({ "dist/rest.js": 'import "./gone.js";' });
  await assertRejects(() => use(broken, "node"), Error, "gone.js");
});

Deno.test("another version than package.json's fails under a runtime", async () => {
  const mod = WHOLE["dist/mod.js"]?.replace("1.2.3", "1.2.2") ?? "";
  await using broken = await fakePackage({ "dist/mod.js": mod });
  await assertRejects(() => use(broken, "node"), Error, '"version":"1.2.2"');
});

Deno.test("a program of another version than package.json's fails under a runtime", async () => {
  const cli = "export const run = () => console.log('1.2.2');";
  await using broken = await fakePackage({ "dist/cli.js": cli });
  await assertRejects(() => use(broken, "node"), Error, "dist/bin.js printed 1.2.2");
});

Deno.test("types that are not those of the code fail in a strict project", async () => {
  await using broken = await fakePackage();
  const [project] = PROJECTS;
  assert(project !== undefined);
  await assertRejects(() => compile(broken, project), Error, "no exported member");
});

Deno.test("types that need the DOM fail in a project without it", async () => {
  await using broken = await fakePackage({
    "dist/types/lib/kimi/identity/constants.d.ts": "export declare const VERSION: HTMLElement;",
  });
  const node = PROJECTS.find((project: Project) => project.name.includes("no dom"));
  assert(node !== undefined);
  await assertRejects(() => compile(broken, node), Error, "HTMLElement");
});

Deno.test("publint sees a main that is not there", async () => {
  await using broken = await fakePackage({ "dist/server.js": null });
  const tarball = await packNpm(broken.installed, broken.work);
  await assertRejects(() => checkPublint({ ...broken, tarball }), Error, "dist/server.js");
});

Deno.test("are-the-types-wrong sees an entry without types", async () => {
  await using broken = await fakePackage({ "dist/types/lib/opencode/server.d.ts": null });
  const tarball = await packNpm(broken.installed, broken.work);
  const asked = () => checkTypesWrong({ ...broken, tarball });
  await assertRejects(asked, Error, "opencode-kimi-full/server");
});

Deno.test("a library that reaches node: does not pass for a browser's", async () => {
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
