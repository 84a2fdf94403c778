/** Compares kimi-cli's own code with our modules, on the same inputs. */

import type { KimiCli } from "../../../tests/support/clients/kimi_cli.ts";
import { startFakeKimi } from "../../../tests/support/fake/kimi.ts";
import { firstDifference, type Pair } from "../run.ts";
import { familyPairs, type Jobs, textOf } from "../family.ts";
import { goldenPairs, writeGolden } from "../golden.ts";
import { FAMILIES, KIMI_CLI_GOLDEN } from "./families.ts";
import { openPlugin } from "../../../tests/support/plugin.ts";
import { askReference } from "../reference/ask.ts";
import { repairedPair, repairs } from "./repairs.ts";
import type { Run } from "../run.ts";
import { readVectors, type Vector, VECTORS } from "./vectors.ts";

/** Compares every function; `write` makes the golden data anew first. */
export async function compareModules(run: Run, kimi: KimiCli, write: boolean): Promise<void> {
  const vectors = readVectors();
  await using fake = await startFakeKimi();
  const results = await askReference(kimi, run.home, fake, {
    ...Object.fromEntries(FAMILIES.map(({ job, cases }) => [job, cases()])),
    vectors: vectors.map(({ spec }) => spec),
    merged: vectors.map(({ spec }) => spec),
    repairs: repairs().map(({ repaired }) => repaired),
  });
  if (write) await writeGolden(KIMI_CLI_GOLDEN, results);
  run.add(
    "chat body",
    `conversations of ${VECTORS}, byte for byte`,
    await vectorPairs(vectors, results),
  );
  for (const family of FAMILIES) {
    run.add(family.kind, family.compared, await familyPairs(family, results));
  }
  run.add(
    "golden data",
    "the files of tests/data/golden/",
    await goldenPairs(KIMI_CLI_GOLDEN, results),
  );
  const merged = results.merged?.filter((one) => one === true).length;
  run.meet("neighbours", `${merged} of the ${vectors.length} conversations of ${VECTORS}`);
  await compareRepairs(run, results);
}

/** Compares ours with kimi-cli's body today, which must be that of the file. */
async function vectorPairs(vectors: readonly Vector[], results: Jobs): Promise<readonly Pair[]> {
  const pairs = await Promise.all(vectors.map(async ({ name, spec, body }, index) => {
    const plugin = await openPlugin(spec);
    const theirs = onlyText(results.vectors?.[index]);
    const captured = { name: `${name}, as the file has it`, theirs, ours: body };
    const ours = { name, theirs, ours: await plugin.ask(spec) };
    return theirs === body ? ours : captured;
  }));
  return pairs;
}

/** Adds a line to the table only if something differs beside the deviations. */
async function compareRepairs(run: Run, results: Jobs): Promise<void> {
  const pairs = await Promise.all(
    repairs().map((repair, index) => repairedPair(repair, onlyText(results.repairs?.[index]))),
  );
  for (const { deviation, seen } of repairs()) run.meet(deviation, seen);
  if (pairs.some(({ theirs, ours }) => firstDifference(theirs, ours) !== undefined)) {
    run.add("repaired body", "that nothing differs but the deviation, byte for byte", pairs);
  }
}

function onlyText(result: unknown): string {
  const [body]: unknown[] = Array.isArray(result) ? result : [];
  return textOf(body);
}
