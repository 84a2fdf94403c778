/** The package under check: built, packed, and installed into an empty folder. */

import { join } from "@std/path";
import { NPM } from "../../tests/support/process.ts";
import { buildNpm, packNpm } from "../build_npm.ts";
import { freshEnvironment, run } from "../shared/run.ts";

/** What the checks read of `package.json`. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
}

export interface Package extends AsyncDisposable {
  /** A temporary folder for what the checks make. */
  readonly work: string;
  readonly tarball: string;
  /** A project into which npm installed the package. */
  readonly project: string;
  /** The package's own folder there. */
  readonly installed: string;
  readonly manifest: Manifest;
}

/** Builds, packs and installs the package. */
export async function installPackage(): Promise<Package> {
  const work = await Deno.makeTempDir({ prefix: "kimi-check-package-" });
  const remove = () => Deno.remove(work, { recursive: true });
  try {
    return { ...await install(work), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function install(work: string): Promise<Omit<Package, typeof Symbol.asyncDispose>> {
  const [project, home] = [join(work, "project"), join(work, "home")];
  for (const folder of [project, home]) await Deno.mkdir(folder);
  const { dir } = await buildNpm(join(work, "npm"));
  const tarball = await packNpm(dir, work);
  const how = ["--prefix", project, "--offline", "--no-audit", "--no-fund"];
  await run(NPM, ["install", ...how, tarball], { cwd: project, env: freshEnvironment(home) });
  const manifest: Manifest = JSON.parse(await Deno.readTextFile(join(dir, "package.json")));
  const installed = join(project, "node_modules", manifest.name);
  return { work, tarball, project, installed, manifest };
}

/** The names by which a program imports the entries. */
export function importsOf({ name, exports }: Manifest): readonly string[] {
  return Object.keys(exports).filter((entry) => entry !== "./package.json")
    .map((entry) => `${name}${entry.slice(1)}`);
}

/** The entry of the low-level functions. */
export function protocolOf({ name, exports }: Manifest): string {
  return Object.hasOwn(exports, "./protocol") ? `${name}/protocol` : name;
}
