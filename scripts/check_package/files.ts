/** The files of the package, what linters report of them, and that each build makes the same. */

import { join, relative } from "@std/path";
import { installTool } from "../../tests/support/tools.ts";
import { buildNpm, packNpm } from "../build_npm.ts";
import { run } from "../shared/run.ts";
import type { Package } from "./package.ts";

const PUBLINT = "0.3.25";
const ARE_THE_TYPES_WRONG = "0.18.5";

const FILE =
  /^(?:LICENSE|README\.md|package\.json|dist\/[\w-]+\.js|dist\/types\/(?:mod|lib\/[a-z0-9_/]+)\.d\.ts)$/;

/** Checks that the package holds nothing but bundles, declarations, README and LICENSE. */
export async function checkFiles({ installed, tarball }: Package): Promise<string> {
  const files = (await Array.fromAsync(filesBelow(installed)))
    .map((path) => relative(installed, path).replaceAll("\\", "/"));
  const problems = [
    ...["LICENSE", "README.md"].filter((file) => !files.includes(file))
      .map((file) => `${file} is missing`),
    ...files.filter((file) => !FILE.test(file)).map((file) => `${file} does not belong there`),
  ];
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const { size } = await Deno.stat(tarball);
  return `${files.length} files, ${(size / 1024).toFixed(1)} KB packed`;
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

/** Checks that a second build makes the same tarball. */
export async function checkSecondBuild({ work, tarball }: Package): Promise<string> {
  const again = join(work, "again");
  const { dir } = await buildNpm(join(again, "npm"));
  const [first, second] = [await digest(tarball), await digest(await packNpm(dir, again))];
  if (first !== second) throw new Error(`SHA-256 ${first} became ${second}`);
  return `SHA-256 ${first.slice(0, 16)}…`;
}

async function digest(path: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(bytes).toHex();
}

/** Checks that publint has neither an error, nor a warning, nor a suggestion. */
export async function checkPublint({ tarball }: Pick<Package, "tarball">): Promise<string> {
  const folder = await installTool(`publint@${PUBLINT}`);
  const program = join(folder, "node_modules/publint/src/cli.js");
  const { stdout } = await run("node", [program, "run", tarball, "--strict"]);
  if (!stdout.includes("All good!")) throw new Error(stdout);
  return PUBLINT;
}

/** Checks that are-the-types-wrong finds nothing, for a package of ES modules only. */
export async function checkTypesWrong({ tarball }: Pick<Package, "tarball">): Promise<string> {
  const folder = await installTool(`@arethetypeswrong/cli@${ARE_THE_TYPES_WRONG}`);
  const program = join(folder, "node_modules/@arethetypeswrong/cli/dist/index.js");
  const how = ["--profile", "esm-only", "--format", "ascii", "--no-emoji"];
  await run("node", [program, tarball, ...how]);
  return ARE_THE_TYPES_WRONG;
}
