/**
 * What publint and are-the-types-wrong say of the tarball.
 *
 * @module
 */
import { join } from "@std/path";
import { installTool } from "../../tests/support/tools.ts";
import { run } from "../shared/run.ts";
import type { Subject } from "./subject.ts";

const PUBLINT = "0.3.25";
const ARE_THE_TYPES_WRONG = "0.18.5";

/** Checks that publint has neither an error, nor a warning, nor a suggestion. */
export async function checkPublint({ tarball }: Subject): Promise<string> {
  const folder = await installTool(`publint@${PUBLINT}`);
  const { stdout } = await run("node", [
    ...[join(folder, "node_modules/publint/src/cli.js"), "run", tarball, "--strict"],
  ]);
  if (!stdout.includes("All good!")) throw new Error(stdout);
  return PUBLINT;
}

/** Checks that are-the-types-wrong finds nothing, for a package of ES modules alone. */
export async function checkTypesWrong({ tarball }: Subject): Promise<string> {
  const folder = await installTool(`@arethetypeswrong/cli@${ARE_THE_TYPES_WRONG}`);
  const program = join(folder, "node_modules/@arethetypeswrong/cli/dist/index.js");
  const how = ["--profile", "esm-only", "--format", "ascii", "--no-emoji"];
  await run("node", [program, tarball, ...how]);
  return ARE_THE_TYPES_WRONG;
}
