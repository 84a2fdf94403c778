/** The client's result for each case, stored in `tests/data/` for tests without the client. */

import { dirname, fromFileUrl } from "@std/path";
import type { Family, Jobs } from "./family.ts";
import type { Pair } from "./run.ts";

/** A case, and the client's result. */
export interface Golden {
  readonly case: unknown;
  readonly result: unknown;
}

/** The files of one client. */
export interface GoldenFiles {
  /** The folder below `tests/data/`. */
  readonly folder: string;
  readonly families: readonly Family[];
}

/** The path of a golden file, which holds a case and its result on each line. */
export function goldenPath(folder: string, job: string): string {
  return fromFileUrl(new URL(`../../tests/data/${folder}/${job}.json`, import.meta.url));
}

export async function readGolden(folder: string, { job }: Family): Promise<readonly Golden[]> {
  return JSON.parse(await Deno.readTextFile(goldenPath(folder, job)));
}

export async function writeGolden({ folder, families }: GoldenFiles, results: Jobs): Promise<void> {
  await Deno.mkdir(dirname(goldenPath(folder, "any")), { recursive: true });
  for (const family of families) {
    await Deno.writeTextFile(goldenPath(folder, family.job), textOf(family, results));
  }
}

export async function goldenPairs(
  { folder, families }: GoldenFiles,
  results: Jobs,
): Promise<readonly Pair[]> {
  return await Promise.all(families.map(async (family) => ({
    name: `tests/data/${folder}/${family.job}.json`,
    theirs: textOf(family, results),
    ours: await Deno.readTextFile(goldenPath(folder, family.job)).catch(() => ""),
  })));
}

/** One case a line, so that a diff shows which changed. */
function textOf({ job, cases }: Family, results: Jobs): string {
  const lines = cases().map((given, index) => {
    const golden: Golden = { case: given, result: results[job]?.[index] };
    return JSON.stringify(golden);
  });
  return `[\n${lines.join(",\n")}\n]\n`;
}
