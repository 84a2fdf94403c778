/** The program of the npm package, and the runtimes that run it. */

import { join } from "@std/path";
import { runProcess } from "../support/process.ts";
import { bunProgram } from "../support/tools.ts";
import { ROOT } from "./process.ts";

/** A runtime. */
export interface Runtime {
  readonly name: string;
  /** The path of its program, or undefined if it is not installed. */
  readonly path: () => Promise<string | undefined>;
}

/** Node of PATH, the versions that `deno task check-package` installs, and Bun. */
export const RUNTIMES: readonly Runtime[] = [
  { name: "Node of this machine", path: () => Promise.resolve("node") },
  ...["20.20.2", "22.23.3", "24.21.0"].map((version) => ({
    name: `Node ${version}`,
    path: () => cachedNode(version),
  })),
  { name: "Bun", path: bunProgram },
];

async function cachedNode(version: string): Promise<string | undefined> {
  const name = `node-linux-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`;
  const path = join(ROOT, `.cache/${name}-${version}/node_modules/${name}/bin/node`);
  return await Deno.stat(path).then(() => path, () => undefined);
}

/** The program, built into a temporary folder. */
export interface BuiltProgram {
  /** The file that `bin` of the package names. */
  readonly path: string;
  /** Removes the folder. */
  readonly remove: () => void;
}

/** Builds the program as the package does. */
export async function buildProgram(): Promise<BuiltProgram> {
  const folder = await Deno.makeTempDir({ prefix: "kimi-program-" });
  // Makes Node load the file as a module, as in the package.
  await Deno.writeTextFile(join(folder, "package.json"), '{"type":"module"}');
  const args = ["run", "-A", "--quiet", "scripts/build_bin.ts", folder];
  const build = await runProcess(Deno.execPath(), { args, cwd: ROOT, timeout: 60_000 });
  if (build.code !== 0) throw new Error(`build_bin.ts failed:\n${build.stderr}`);
  const remove = () => Deno.removeSync(folder, { recursive: true });
  return { path: join(folder, "bin.js"), remove };
}
