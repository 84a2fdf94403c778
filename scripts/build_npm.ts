/**
 * Builds the npm package: fills a folder with everything but `package.json`, which is kept by hand.
 *
 * rolldown and TypeScript do what dnt would do, which comes from the JSR registry alone. `deno bundle`
 * makes one chunk for each set of modules that two parts share, which a start would read one by one.
 *
 * @module
 */
import { dirname, fromFileUrl, join, relative, resolve, toFileUrl } from "@std/path";
import { VERSION } from "../lib/kimi/identity/constants.ts";
import { NPM } from "../tests/support/process.ts";
import { buildBin } from "./build_bin.ts";
import { ENTRIES, type Entry } from "./entries.ts";
import { npmReadme } from "./npm_readme.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const PACKAGE = join(ROOT, "npm");
const TYPESCRIPT = "npm:typescript@5.9.3/tsc";
const ROLLDOWN = "npm:rolldown@1.2.19";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly main: string;
  readonly repository?: unknown;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** A finished build. */
export interface NpmBuild {
  /** The folder of the package: a plugin path for opencode, or the argument of `npm pack`. */
  readonly dir: string;
  /** The version of the package, equal to the one in `deno.json`. */
  readonly version: string;
}

/**
 * Builds the package.
 *
 * @param dir Where to: `npm/` of this repository unless another folder is named. What an earlier
 * build left there goes.
 * @returns The folder and the version that was built.
 * @throws {Error} Where the versions differ, an import remains in a bundle, or a file of `exports`
 * was not made.
 */
export async function buildNpm(dir: string = PACKAGE): Promise<NpmBuild> {
  const version = await checkedVersion();
  const dist = join(dir, "dist");
  await Deno.remove(dist, { recursive: true }).catch(ignoreMissing);
  await Deno.mkdir(dist, { recursive: true });
  if (resolve(dir) !== resolve(PACKAGE)) await copy("npm/package.json", join(dir, "package.json"));
  await Promise.all([
    bundle(dir),
    buildBin(dist),
    declare(join(dist, "types")),
    writeReadme(join(dir, "README.md")),
    copy("LICENSE", join(dir, "LICENSE")),
  ]);
  for (const entry of ENTRIES) await checkImports(join(dir, entry.bundle), entry);
  await checkExports(dir);
  return { dir, version };
}

/**
 * Packs a built package as `npm publish` would.
 *
 * @param dir The folder of the package.
 * @param into The folder that the tarball is written to.
 * @returns The path of the tarball.
 */
export async function packNpm(dir: string, into: string): Promise<string> {
  const name = await output(NPM, ["pack", resolve(dir), "--pack-destination", into, "--silent"]);
  return join(into, name.trim());
}

async function checkedVersion(): Promise<string> {
  const npm: Manifest = await readJson(join(PACKAGE, "package.json"));
  const jsr: Pick<Manifest, "version"> = await readJson(join(ROOT, "deno.json"));
  if (npm.version === jsr.version && npm.version === VERSION) return VERSION;
  throw new Error(
    `Versions differ: npm/package.json ${npm.version}, deno.json ${jsr.version}, VERSION ${VERSION}`,
  );
}

async function bundle(dir: string): Promise<void> {
  const how = ["run", "--allow-all", "--no-config", "--no-lock", "--quiet", ROLLDOWN];
  await deno([...how, "--config", "scripts/rolldown.config.mjs", "--dir", resolve(dir)]);
}

/**
 * Declarations of the entries and of what these name; those of internals are not shipped.
 * TypeScript 5.9.3 leaves `.ts` in the specifiers of declarations, even with
 * --rewriteRelativeImportExtensions.
 */
async function declare(target: string): Promise<void> {
  await deno([
    ...["run", "--allow-all", "--no-config", "--no-lock", "--quiet", TYPESCRIPT],
    ...["--declaration", "--emitDeclarationOnly", "--allowImportingTsExtensions", "--noCheck"],
    ...["--strict", "--exactOptionalPropertyTypes", "--stripInternal"],
    ...["--target", "es2022", "--module", "nodenext", "--lib", "es2023,dom,dom.iterable"],
    ...["--rootDir", ".", "--outDir", target, ...ENTRIES.map((entry) => entry.source)],
  ]);
  const reached = new Set<string>();
  for (const entry of ENTRIES) await reach(join(target, declarationOf(entry.source)), reached);
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

/** What Deno says of a module and of all that it imports. */
interface ModuleGraph {
  readonly roots: readonly string[];
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly isDynamic?: boolean;
      readonly code?: { readonly specifier?: string };
    }[];
  }[];
}

async function graphOf(path: string): Promise<ModuleGraph> {
  return JSON.parse(await output(Deno.execPath(), ["info", "--json", "--no-lock", path]));
}

async function checkImports(path: string, { allowed, isSplit }: Entry): Promise<void> {
  const { roots, modules } = await graphOf(path);
  const own = toFileUrl(`${dirname(resolve(path))}/`).href;
  const foreign = modules.map(({ specifier }) => specifier).filter((specifier) =>
    !roots.includes(specifier) && !allowed.test(specifier) &&
    !(isSplit && specifier.startsWith(own))
  );
  if (foreign.length > 0) throw new Error(`${path} imports ${foreign.join(", ")}`);
}

/**
 * Finds the files that are read when a module is imported, itself among them.
 *
 * @param path The module.
 * @returns Their paths, without what is imported dynamically.
 */
export async function eagerFiles(path: string): Promise<readonly string[]> {
  const { roots, modules } = await graphOf(path);
  const reached = new Set<string>();
  const visit = (specifier: string) => {
    if (reached.has(specifier) || !specifier.startsWith("file:")) return;
    reached.add(specifier);
    const module = modules.find((module) => module.specifier === specifier);
    for (const { isDynamic, code } of module?.dependencies ?? []) {
      if (isDynamic !== true && code?.specifier !== undefined) visit(code.specifier);
    }
  };
  roots.forEach(visit);
  return [...reached].map((specifier) => fromFileUrl(specifier));
}

/**
 * Measures files together as a download or a page of a disk has them.
 *
 * @param paths The files.
 * @returns Bytes, gzipped.
 */
export async function gzippedBytes(paths: readonly string[]): Promise<number> {
  const parts = await Promise.all(paths.map((path) => Deno.readFile(path)));
  const packed = new Blob(parts).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(packed).arrayBuffer()).byteLength;
}

async function checkExports(dir: string): Promise<void> {
  const manifest: Manifest = await readJson(join(dir, "package.json"));
  const targets = Object.values(manifest.exports)
    .flatMap((entry) => typeof entry === "string" ? [entry] : Object.values(entry));
  for (const target of [manifest.main, ...Object.values(manifest.bin), ...targets]) {
    await Deno.stat(join(dir, target)).catch((cause) => {
      throw new Error(`npm/package.json names ${target}, which the build did not make`, { cause });
    });
  }
}

async function* files(dir: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(dir)) {
    const path = join(dir, entry.name);
    if (entry.isDirectory) yield* files(path);
    else yield path;
  }
}

function declarationOf(source: string): string {
  return source.replace(/\.ts$/, ".d.ts");
}

async function writeReadme(target: string): Promise<void> {
  const { repository } = await readJson<Manifest>(join(PACKAGE, "package.json"));
  const readme = await Deno.readTextFile(join(ROOT, "README.md"));
  await Deno.writeTextFile(target, npmReadme(readme, repository));
}

async function copy(source: string, target: string): Promise<void> {
  await Deno.writeTextFile(target, await Deno.readTextFile(join(ROOT, source)));
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(path));
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

async function deno(args: readonly string[]): Promise<void> {
  await output(Deno.execPath(), args);
}

async function output(command: string, args: readonly string[]): Promise<string> {
  const run = new Deno.Command(command, { args: [...args], cwd: ROOT, stdin: "null" });
  const { success, stdout, stderr } = await run.output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  const said = decoder.decode(stdout) + decoder.decode(stderr);
  throw new Error(`${command} ${args.join(" ")} failed:\n${said.trim()}`);
}

if (import.meta.main) {
  const { dir, version } = await buildNpm();
  const sizes: string[] = [];
  for (const { bundle } of ENTRIES) {
    const eager = await gzippedBytes(await eagerFiles(join(dir, bundle)));
    sizes.push(`${bundle} ${(eager / 1024).toFixed(1)} KB gzipped`);
  }
  const line = `opencode-kimi-full ${version} in ${relative(Deno.cwd(), dir) || "."}: ${
    sizes.join(", ")
  }\n`;
  await Deno.stdout.write(new TextEncoder().encode(line));
}
