/** The npm package, which `deno task check-package` checks in more runtimes. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { basename, join } from "@std/path";
import { eagerFiles, gzippedBytes } from "../../scripts/build/module_graph.ts";
import { checkFiles, checkSecondBuild } from "../../scripts/check_package/files.ts";
import { installPackage, type Package } from "../../scripts/check_package/package.ts";
import { use } from "../../scripts/check_package/runtimes.ts";

import { compile, PROJECTS } from "../../scripts/check_package/types.ts";

/** What opencode does not import. */
const OTHERS = ["bin.js", "cli.js", "protocol.js", "runtime.js"];

let subject: Package;
Deno.test.beforeAll(async () => void (subject = await installPackage()));
Deno.test.afterAll(async () => await subject[Symbol.asyncDispose]());

Deno.test("two builds of the npm package are byte-identical", async () => {
  await checkSecondBuild(subject);
});

Deno.test("the package holds bundles, declarations, README and LICENSE, and nothing else", async () => {
  await checkFiles(subject);
});

for (const project of PROJECTS) {
  Deno.test(`a strict consumer accepts the declarations: ${project.name}`, async () => {
    await compile(subject, project);
  });
}

Deno.test("Node imports the library and the plugin, and uses them", async () => {
  await use(subject, "node");
});

// Measured: Bun caches a transpiled file from 50 KiB on below ~/.bun, but none that begins with // @bun.
Deno.test("contract 11: no file for opencode is one that Bun caches in the user's home", async () => {
  const dist = join(subject.installed, "dist");
  for await (const { name, isFile } of Deno.readDir(dist)) {
    if (!isFile || OTHERS.includes(name)) continue;
    const text = await Deno.readTextFile(join(dist, name));
    assert(
      text.length < 50 * 1024 || text.startsWith("// @bun\n"),
      `${name}: ${text.length} bytes`,
    );
  }
});

Deno.test("every file of the package is ASCII, since Bun reads a file with // @bun as Latin-1", async () => {
  const dist = join(subject.installed, "dist");
  for await (const { name, isFile } of Deno.readDir(dist)) {
    if (!isFile) continue;
    const bytes = await Deno.readFile(join(dist, name));
    assert(bytes.every((byte) => byte < 0x80), name);
  }
});

Deno.test("a start reads at most 14 KB gzipped of the plugin, ready for Bun", async () => {
  const paths = await eagerFiles(join(subject.installed, "dist", "server.js"));
  assertEquals(paths.map((path) => basename(path)).sort(), ["server.js", "start.js"]);
  const size = await gzippedBytes(paths);
  assert(size <= 14 * 1024, `${size} bytes`);
  for (const path of paths) assertMatch(await Deno.readTextFile(path), /^\/\/ @bun\n/);
});
