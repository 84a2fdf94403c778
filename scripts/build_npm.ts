/**
 * Builds the npm package: `[--dir DIR] [--pack DIR]`. Without `--dir` it fills `npm/`; with `--pack` it
 * also writes the tarball of `npm pack`.
 *
 * rolldown bundles, since `deno bundle` makes a chunk for each set of modules that two parts share, and
 * a start would read them one by one.
 */
import { parseArgs } from "node:util";
import { dirname, fromFileUrl, join, relative, resolve } from "@std/path";
import { VERSION } from "../lib/kimi/identity/constants.ts";
import { NPM } from "../tests/support/process.ts";
import { checkImports, eagerFiles, gzippedBytes } from "./build/module_graph.ts";
import { npmReadme } from "./build/npm_readme.ts";
import { buildBin } from "./build_bin.ts";
import { ENTRIES } from "./entries.ts";
import { projectFields, REPOSITORY } from "./shared/project.ts";
import { run } from "./shared/run.ts";
import { write } from "./shared/write.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const PACKAGE = join(ROOT, "npm");
const TYPESCRIPT = "npm:typescript@5.9.3/tsc";
const ROLLDOWN = "npm:rolldown@1.2.19";

export interface NpmBuild {
  /** The folder of the package: a plugin path for opencode, or the argument of `npm pack`. */
  readonly dir: string;
  readonly version: string;
}

/** Builds the package into a folder, in which it replaces an earlier build. */
export async function buildNpm(dir: string = PACKAGE): Promise<NpmBuild> {
  const manifest = await readJson("npm/package.json");
  await checkVersion(manifest.version);
  const dist = join(dir, "dist");
  await Deno.remove(dist, { recursive: true }).catch(ignoreMissing);
  await Deno.mkdir(dist, { recursive: true });
  const whole = { ...manifest, ...projectFields(REPOSITORY) };
  await Deno.writeTextFile(join(dir, "package.json"), `${JSON.stringify(whole, null, 2)}\n`);
  const readme = await Deno.readTextFile(join(ROOT, "README.md"));
  await Deno.writeTextFile(join(dir, "README.md"), npmReadme(readme, REPOSITORY));
  await Deno.copyFile(join(ROOT, "LICENSE"), join(dir, "LICENSE"));
  await Promise.all([bundle(dir), buildBin(dist), declare(join(dist, "types"))]);
  for (const entry of ENTRIES) await checkImports(join(dir, entry.bundle), entry);
  return { dir, version: VERSION };
}

/** Packs a built package as `npm publish` does, and returns the path of the tarball. */
export async function packNpm(dir: string, into: string): Promise<string> {
  const how = ["pack", resolve(dir), "--pack-destination", resolve(into), "--silent"];
  const { stdout } = await run(NPM, how, { cwd: ROOT });
  return join(into, stdout.trim());
}

async function checkVersion(npm: unknown): Promise<void> {
  const { version: jsr } = await readJson("deno.json");
  if (npm === VERSION && jsr === VERSION) return;
  throw new Error(`Versions differ: npm/package.json ${npm}, deno.json ${jsr}, VERSION ${VERSION}`);
}

/** Runs a tool of npm in Deno. */
async function tool(...args: readonly string[]): Promise<void> {
  const how = ["run", "--allow-all", "--no-config", "--no-lock", "--quiet"];
  await run(Deno.execPath(), [...how, ...args], { cwd: ROOT });
}

async function bundle(dir: string): Promise<void> {
  await tool(ROLLDOWN, "--config", "scripts/rolldown.config.mjs", "--dir", resolve(dir));
}

/**
 * Writes the declarations of the entries and of what these name, and no others. TypeScript 5.9.3 leaves
 * `.ts` in the specifiers of declarations, even with --rewriteRelativeImportExtensions.
 */
async function declare(target: string): Promise<void> {
  await tool(
    ...[TYPESCRIPT, "--declaration", "--emitDeclarationOnly", "--allowImportingTsExtensions"],
    ...["--noCheck", "--strict", "--exactOptionalPropertyTypes", "--stripInternal"],
    ...["--target", "es2022", "--module", "nodenext", "--lib", "es2023,dom,dom.iterable"],
    ...["--rootDir", ".", "--outDir", target, ...ENTRIES.map((entry) => entry.source)],
  );
  const reached = new Set<string>();
  for (const { source } of ENTRIES) {
    await reach(join(target, source.replace(/\.ts$/, ".d.ts")), reached);
  }
  for await (const path of files(target)) if (!reached.has(path)) await Deno.remove(path);
}

async function reach(path: string, reached: Set<string>): Promise<void> {
  if (reached.has(path)) return;
  reached.add(path);
  const found: string[] = [];
  const text = (await Deno.readTextFile(path)).replace(
    /((?:from |import\()")(\.[^"]+)\.ts"/g,
    (_, before: string, specifier: string) => {
      found.push(`${specifier}.d.ts`);
      return `${before}${specifier}.js"`;
    },
  );
  await Deno.writeTextFile(path, text);
  for (const declaration of found) await reach(join(dirname(path), declaration), reached);
}

async function* files(dir: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(dir)) {
    const path = join(dir, entry.name);
    if (entry.isDirectory) yield* files(path);
    else yield path;
  }
}

async function readJson(path: string): Promise<Readonly<Record<string, unknown>>> {
  return JSON.parse(await Deno.readTextFile(join(ROOT, path)));
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

if (import.meta.main) {
  const options = { dir: { type: "string" }, pack: { type: "string" } } as const;
  const { values } = parseArgs({ args: Deno.args, options });
  const { dir, version } = await buildNpm(values.dir);
  if (values.pack !== undefined) await packNpm(dir, values.pack);
  const sizes: string[] = [];
  for (const { bundle } of ENTRIES) {
    const eager = await gzippedBytes(await eagerFiles(join(dir, bundle)));
    sizes.push(`${bundle} ${(eager / 1024).toFixed(1)} KB gzipped`);
  }
  const where = relative(Deno.cwd(), dir) || ".";
  write(`opencode-kimi-full ${version} in ${where}: ${sizes.join(", ")}\n`);
}
