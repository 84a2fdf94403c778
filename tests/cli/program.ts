/** The npm package's program, under the runtimes that it is for. */

import { join } from "@std/path";
import { buildBin } from "../../scripts/build_bin.ts";
import { bunProgram } from "../support/tools.ts";
import { ROOT } from "./process.ts";

/** A runtime, and where its program is, if it is there. */
export interface Runtime {
  readonly name: string;
  readonly path: () => Promise<string | undefined>;
}

/** Node as it is on PATH, the versions that `deno task check-package` installs, and Bun. */
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

/** The program, built into a folder of its own. */
export interface BuiltProgram {
  /** What `bin` names. */
  readonly path: string;
  /** Removes the folder. */
  readonly remove: () => void;
}

/** Builds the program. */
export async function builtProgram(): Promise<BuiltProgram> {
  const folder = await Deno.makeTempDir({ prefix: "kimi-program-" });
  // As in the package: Node takes the file for a module by it.
  await Deno.writeTextFile(join(folder, "package.json"), '{"type":"module"}');
  const path = await buildBin(folder);
  return { path, remove: () => Deno.removeSync(folder, { recursive: true }) };
}
