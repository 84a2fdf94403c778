/** Heavy tools from npm, pinned, installed into `.cache/` by the test that needs them. */
import { fromFileUrl, join } from "@std/path";
import { NPM, runProcess } from "./process.ts";

const CACHE = fromFileUrl(new URL("../../.cache", import.meta.url));

/** The releases of opencode that the project is tested against. */
export const OPENCODE_VERSIONS = ["1.14.34", "1.18.33"] as const;

/** Releases whose early core of opencode 2.x calls a plugin's `setup` too; 1.18.33 is one as well. */
export const EARLY_CORE_VERSIONS = ["1.17.11", "1.18.34"] as const;

/** A release that tests run. */
export type OpencodeVersion = (typeof OPENCODE_VERSIONS | typeof EARLY_CORE_VERSIONS)[number];

const BUN_VERSION = "1.3.4";

/** The path of opencode's program, installed first where it is absent. */
export async function opencodeProgram(version: OpencodeVersion): Promise<string> {
  if (version === "1.18.34") return await platformProgram(version);
  const folder = await installTool(`opencode-ai@${version}`, { folder: `opencode-${version}` });
  const bin = join(folder, "node_modules", "opencode-ai", "bin");
  // 1.14.34 links the binary to `.opencode` beside a Node launcher, 1.18.33 to `opencode.exe`.
  for (const name of [".opencode", "opencode.exe"]) {
    if (await exists(join(bin, name))) return join(bin, name);
  }
  return join(folder, "node_modules", ".bin", "opencode");
}

/** Of 1.18.34 npm has the program of each platform, but not the package that picks one. */
async function platformProgram(version: OpencodeVersion): Promise<string> {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  const name = `opencode-${Deno.build.os}-${arch}`;
  const folder = await installTool(`${name}@${version}`, { folder: `opencode-${version}` });
  const program = Deno.build.os === "windows" ? "opencode.exe" : "opencode";
  return join(folder, "node_modules", name, "bin", program);
}

/** The path of Bun's program, installed first where it is absent. */
export async function bunProgram(): Promise<string> {
  const arch = Deno.build.arch === "aarch64" ? "aarch64" : "x64";
  const name = `@oven/bun-${Deno.build.os}-${arch}`;
  const spec = `${name}@${BUN_VERSION}`;
  const folder = await installTool(spec, { folder: `bun-${BUN_VERSION}` });
  return join(folder, "node_modules", name, "bin", "bun");
}

/** The npm package of a version of Node's program; undefined if there is none for this system. */
export function nodePackage(version: string): string | undefined {
  const system = { linux: "linux", darwin: "darwin", windows: "win" }[String(Deno.build.os)];
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  return system && `node-${system}-${arch}@${version}`;
}

/** The path of Node's program in a version, installed first where it is absent; undefined if npm has none. */
export async function nodeProgram(version: string): Promise<string | undefined> {
  const spec = nodePackage(version);
  if (spec === undefined) return undefined;
  const folder = await installTool(spec);
  const name = spec.slice(0, spec.indexOf("@"));
  const program = Deno.build.os === "windows" ? "node.exe" : "node";
  return join(folder, "node_modules", name, "bin", program);
}

/** How a tool is installed. */
export interface ToolOptions {
  /** Its folder below `.cache/`, unless that is named like the package and its version. */
  readonly folder?: string;
  /** Versions for packages that it depends on, by their names. */
  readonly overrides?: Readonly<Record<string, string>>;
  /** True for a package of another system. */
  readonly force?: boolean;
  /** False if the scripts of packages do not run. */
  readonly scripts?: boolean;
}

/**
 * Installs a package with all that it depends on, unless it is there: beside the final place, and
 * renamed, so that what is there is whole.
 *
 * @param spec Name and version.
 * @returns The folder that holds its `node_modules`.
 */
export async function installTool(spec: string, options: ToolOptions = {}): Promise<string> {
  const { folder: name = spec.replace(/^@/, "").replaceAll(/[@/]/g, "-"), overrides } = options;
  const silent = options.scripts === false ? ["--ignore-scripts"] : [];
  if (options.force === true) silent.push("--force");
  const folder = join(CACHE, name);
  if (await exists(join(folder, "node_modules"))) return folder;
  await Deno.mkdir(CACHE, { recursive: true });
  using lock = await Deno.open(join(CACHE, `${name}.lock`), { create: true, write: true });
  await lock.lock(true);
  if (await exists(join(folder, "node_modules"))) return folder;
  const partial = `${folder}.partial`;
  await Deno.remove(partial, { recursive: true }).catch(() => {});
  await Deno.mkdir(partial);
  const manifest = JSON.stringify({ private: true, ...(overrides && { overrides }) });
  await Deno.writeTextFile(join(partial, "package.json"), manifest);
  const how = ["--prefix", partial, "--loglevel=error", "--no-fund", "--no-audit", ...silent];
  const done = await runProcess(NPM, { args: ["install", ...how, spec], timeout: 300_000 });
  if (done.code !== 0) throw new Error(`npm could not install ${spec}:\n${done.stderr}`);
  await Deno.rename(partial, folder);
  return folder;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
