import { assert, assertEquals, assertMatch } from "@std/assert";
import { basename, join } from "@std/path";
import { eagerFiles, gzippedBytes } from "../../scripts/build_npm.ts";
import { type BuiltPackage, builtPackage } from "./package.ts";
import { runProcess } from "./process.ts";

const CONSUMER = `
import * as library from "opencode-kimi-full";
import plugin from "opencode-kimi-full/server";
export const names: readonly string[] = Object.keys(library);
export const id: string = plugin.id;
`;

const STRICT = {
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  target: "es2022",
  lib: ["es2023", "dom"],
  types: [],
};

let built: BuiltPackage;
Deno.test.beforeAll(async () => void (built = await builtPackage()));
Deno.test.afterAll(async () => await built[Symbol.asyncDispose]());

/** A folder into which the package's tarball is installed, as a user's project has it. */
async function consumer(tarball: string): Promise<{ dir: string } & AsyncDisposable> {
  const dir = await Deno.makeTempDir({ prefix: "kimi-consumer-" });
  await Deno.writeTextFile(join(dir, "package.json"), '{"private":true,"type":"module"}');
  await Deno.writeTextFile(join(dir, "index.ts"), CONSUMER);
  await run("npm", ["install", "--prefix", dir, "--offline", "--no-audit", tarball], dir);
  return { dir, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await runProcess(program, { args, cwd, timeout: 120_000 });
  if (code === 0) return stdout.trim();
  throw new Error(`${program} ${args.join(" ")} ended with ${code}\n${stdout}\n${stderr}`);
}

async function contents(dir: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    const path = join(dir, name);
    if (!isDirectory) files[name] = await Deno.readTextFile(path);
    else {for (const [key, text] of Object.entries(await contents(path))) {
        files[`${name}/${key}`] = text;
      }}
  }
  return files;
}

Deno.test("two builds of the npm package are byte-identical", async () => {
  await using again = await builtPackage();
  assertEquals(await contents(again.dir), await contents(built.dir));
  assertEquals(await Deno.readFile(again.tarball), await Deno.readFile(built.tarball));
});

Deno.test("the package holds the bundles, declarations, README and LICENSE", async () => {
  const files = await contents(built.dir);
  assertEquals(Object.keys(files).filter((file) => !file.startsWith("dist/types/")).sort(), [
    "LICENSE",
    "README.md",
    "dist/core.js",
    "dist/mod.js",
    "dist/rest.js",
    "dist/server.js",
    "package.json",
  ]);
});

for (const [module, moduleResolution] of [["nodenext", "nodenext"], ["esnext", "bundler"]]) {
  Deno.test(`a strict consumer accepts the declarations under ${moduleResolution}`, async () => {
    await using project = await consumer(built.tarball);
    const compilerOptions = { ...STRICT, module, moduleResolution };
    const config = JSON.stringify({ compilerOptions, files: ["index.ts"] });
    await Deno.writeTextFile(join(project.dir, "tsconfig.json"), config);
    const tsc = ["run", "-A", "--no-config", "--no-lock", "--quiet", "npm:typescript@5.9.3/tsc"];
    await run(Deno.execPath(), [...tsc, "-p", "tsconfig.json"], project.dir);
  });
}

Deno.test("Node imports the library and the plugin", async () => {
  await using project = await consumer(built.tarball);
  const code = `const library = await import("opencode-kimi-full");
    const { default: plugin } = await import("opencode-kimi-full/server");
    console.log(Object.keys(library).length > 0, plugin.id, typeof plugin.server);`;
  const printed = await run("node", ["--input-type=module", "--eval", code], project.dir);
  assertEquals(printed, "true opencode-kimi-full function");
});

// Measured: from 50 KiB on Bun keeps what it made of a file under ~/.bun, and that would be a file of ours.
Deno.test("contract 11: no file is as large as what Bun caches in the user's home", async () => {
  for await (const { name, isFile } of Deno.readDir(join(built.dir, "dist"))) {
    const { size } = await Deno.stat(join(built.dir, "dist", name));
    if (isFile) assert(size < 50 * 1024, `${name}: ${size} bytes`);
  }
});

Deno.test("what a start reads of the plugin is at most 14 KB gzipped, and ready for Bun", async () => {
  const paths = await eagerFiles(join(built.dir, "dist", "server.js"));
  assertEquals(paths.map((path) => basename(path)).sort(), ["core.js", "server.js"]);
  const size = await gzippedBytes(paths);
  assert(size <= 14 * 1024, `${size} bytes`);
  for (const path of paths) assertMatch(await Deno.readTextFile(path), /^\/\/ @bun\n/);
});
