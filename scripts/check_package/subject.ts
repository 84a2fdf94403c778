/**
 * The package that is checked: built, packed, and installed into an empty folder.
 *
 * @module
 */
import { join } from "@std/path";
import { NPM } from "../../tests/support/process.ts";
import { buildNpm, packNpm } from "../build_npm.ts";
import { freshEnvironment, run } from "../shared/run.ts";

/** What the checks read of `package.json`. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly main: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/** The package. It goes when it is disposed. */
export interface Subject extends AsyncDisposable {
  /** A temporary folder for all that the checks make. */
  readonly work: string;
  /** What `npm pack` made. */
  readonly tarball: string;
  /** A project into which npm installed it. */
  readonly project: string;
  /** Its own folder there. */
  readonly installed: string;
  readonly manifest: Manifest;
}

/** Builds, packs and installs the package. */
export async function openSubject(): Promise<Subject> {
  const work = await Deno.makeTempDir({ prefix: "kimi-check-package-" });
  const remove = () => Deno.remove(work, { recursive: true });
  try {
    return { ...await install(work), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function install(work: string): Promise<Omit<Subject, typeof Symbol.asyncDispose>> {
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

/** The entries that a program can import, by the name that it uses. */
export function importsOf({ name, exports }: Manifest): readonly string[] {
  return Object.keys(exports).filter((entry) => entry !== "./package.json")
    .map((entry) => `${name}${entry.slice(1)}`);
}

/** Every file that `package.json` names, below the package's folder. */
export function targetsOf({ main, exports, bin = {} }: Manifest): readonly string[] {
  const named = Object.values(exports).flatMap((entry) =>
    typeof entry === "string" ? [entry] : Object.values(entry)
  );
  const all = [main, ...named, ...Object.values(bin)].map((path) => path.replace(/^\.\//, ""));
  return [...new Set(all)];
}
