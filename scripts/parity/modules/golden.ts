/** kimi-cli's result for each case, stored in `tests/data/golden/` for tests without a Python. */

import { goldenPath } from "./cases.ts";
import { FAMILIES, type Family } from "./families.ts";
import type { Pair } from "../run.ts";
import type { Jobs } from "../reference/ask.ts";

/** A case, and kimi-cli's result. */
export interface Golden {
  readonly case: unknown;
  readonly result: unknown;
}

export async function readGolden({ job }: Family): Promise<readonly Golden[]> {
  return JSON.parse(await Deno.readTextFile(goldenPath(job)));
}

export async function writeGolden(results: Jobs): Promise<void> {
  for (const family of FAMILIES) {
    await Deno.writeTextFile(goldenPath(family.job), textOf(family, results));
  }
}

export async function goldenPairs(results: Jobs): Promise<readonly Pair[]> {
  return await Promise.all(FAMILIES.map(async (family) => ({
    name: `tests/data/golden/${family.job}.json`,
    theirs: textOf(family, results),
    ours: await Deno.readTextFile(goldenPath(family.job)).catch(() => ""),
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
