/**
 * The installed package under each runtime.
 *
 * @module
 */
import { dirname, fromFileUrl, join } from "@std/path";
import { bunProgram, installTool } from "../../tests/support/tools.ts";
import { type Check, Skipped } from "./check.ts";
import { freshEnvironment, run } from "../shared/run.ts";
import type { Subject } from "./subject.ts";

/** The last of each line that Node supports or supported lately. */
const NODES = ["20.20.2", "22.23.3", "24.21.0"];

const PROBE = fromFileUrl(new URL("probe.mjs", import.meta.url));

/** npm's names of the systems that it has Node for. */
const SYSTEMS: Readonly<Record<string, string>> = {
  linux: "linux",
  darwin: "darwin",
  windows: "win",
};

/** A runtime. */
interface Runtime {
  readonly name: string;
  /** Gives its program and what stands before the script's path. */
  readonly command: () => Promise<readonly [program: string, ...args: readonly string[]]>;
}

const RUNTIMES: readonly Runtime[] = [
  ...NODES.map((version) => ({
    name: `Node ${version}`,
    command: async () => [await nodeProgram(version)] as const,
  })),
  { name: "Bun 1.3.4", command: async () => [await bunProgram(), "--no-install"] },
  {
    name: `Deno ${Deno.version.deno}`,
    command: () => Promise.resolve([Deno.execPath(), "run", "--allow-all", "--quiet"]),
  },
];

async function nodeProgram(version: string): Promise<string> {
  const system = SYSTEMS[Deno.build.os];
  if (system === undefined) throw new Skipped(`npm has no Node for ${Deno.build.os}`);
  const name = `node-${system}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`;
  const folder = await installTool(`${name}@${version}`);
  const program = system === "win" ? "node.exe" : "node";
  return join(folder, "node_modules", name, "bin", program);
}

/**
 * The checks that import and use the package, one for each runtime.
 *
 * @param subject The installed package.
 */
export function runtimeChecks(subject: Subject): readonly Check[] {
  return RUNTIMES.map(({ name, command }) => ({
    holds: `${name} imports all of it and uses it`,
    run: async () => await use(subject, ...await command()),
  }));
}

/** What the probe prints. */
interface Seen {
  readonly version: string;
  readonly imported: readonly string[];
  readonly parts: number;
  readonly budget: number;
  readonly models: readonly string[];
}

/**
 * Imports and uses the package.
 *
 * @param subject The installed package.
 * @param program The runtime.
 * @param args What stands before the script's path.
 * @returns How much was imported.
 */
export async function use(
  { work, project, installed, manifest }: Subject,
  program: string,
  ...args: readonly string[]
): Promise<string> {
  const probe = join(project, "probe.mjs");
  await Deno.copyFile(PROBE, probe);
  const home = await Deno.makeTempDir({ dir: work, prefix: "home-" });
  const env = freshEnvironment(home);
  const { stdout, stderr } = await run(program, [...args, probe], { cwd: dirname(probe), env });
  const { version, imported, parts, budget, models }: Seen = JSON.parse(stdout);
  const isRight = stderr === "" && version === manifest.version && budget > 200_000 &&
    models.includes("kimi-for-coding");
  if (!isRight) throw new Error(`It printed ${stdout}\n${stderr}`);
  const programs = Object.values(manifest.bin ?? {});
  for (const path of programs) {
    const command = [...args, join(installed, path)];
    const asked = await run(program, [...command, "--version"], { cwd: project, env });
    if (asked.stdout.trim() !== version) throw new Error(`${path} printed ${asked.stdout}`);
    await run(program, [...command, "--help"], { cwd: project, env });
  }
  return `entries ${imported.length}, modules ${parts}, programs ${programs.length}`;
}
