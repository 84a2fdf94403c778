/** Compares kimi-cli's own code with our modules, on the same inputs. */

import { fromFileUrl } from "@std/path";
import { KIMI_CLI_VERSION } from "../../../lib/kimi/identity/constants.ts";
import { startFakeKimi } from "../../../tests/support/fake/kimi.ts";
import type { Spec } from "../../../tests/support/conversations.ts";
import { firstDifference, type Pair } from "../run.ts";
import { FAMILIES, type Family } from "./families.ts";
import { goldenPairs, writeGolden } from "./golden.ts";
import { openPlugin } from "../../../tests/support/plugin.ts";
import { askReference, type Jobs } from "../reference/ask.ts";
import { repairedPair, repairs } from "./repairs.ts";
import type { Run } from "../run.ts";

/** A conversation of the vectors, and the body that kimi-cli sent for it. */
interface Vector {
  readonly name: string;
  readonly spec: Spec & { readonly context: number };
  readonly body: string;
}

const VECTORS = `tests/data/kimi-cli-${KIMI_CLI_VERSION}/conversations.json`;

/** Compares every function; `write` makes the golden data anew first. */
export async function compareModules(run: Run, write: boolean): Promise<void> {
  const vectors = await readVectors();
  await using fake = await startFakeKimi();
  const results = await askReference(run.kimi, run.home, fake, {
    ...Object.fromEntries(FAMILIES.map(({ job, cases }) => [job, cases()])),
    vectors: vectors.map(({ spec }) => spec),
    merged: vectors.map(({ spec }) => spec),
    repairs: repairs().map(({ repaired }) => repaired),
  });
  if (write) await writeGolden(results);
  run.add(
    "chat body",
    `conversations of ${VECTORS}, byte for byte`,
    await vectorPairs(vectors, results),
  );
  for (const family of FAMILIES) {
    run.add(family.kind, family.compared, await familyPairs(family, results));
  }
  run.add("golden data", "the files of tests/data/golden/", await goldenPairs(results));
  const merged = results.merged?.filter((one) => one === true).length;
  run.meet("neighbours", `${merged} of the ${vectors.length} conversations of ${VECTORS}`);
  await compareRepairs(run, results);
}

async function readVectors(): Promise<readonly Vector[]> {
  const url = new URL(`../../../${VECTORS}`, import.meta.url);
  return JSON.parse(await Deno.readTextFile(fromFileUrl(url)));
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

async function familyPairs({ job, cases, ours }: Family, results: Jobs): Promise<readonly Pair[]> {
  return await Promise.all(
    cases().map(async (given, index) => ({
      name: nameOf(given, index),
      theirs: textOf(results[job]?.[index]),
      ours: textOf(await ours(given)),
    })),
  );
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

/** Returns bodies as they are, anything else as JSON. */
function textOf(result: unknown): string {
  if (typeof result === "string") return result;
  if (Array.isArray(result) && result.every((item) => typeof item === "string")) {
    return result.join("\n");
  }
  return JSON.stringify(result);
}

function nameOf(given: unknown, index: number): string {
  const text = JSON.stringify(given);
  const named = /^\{"name":"([^"]+)"/.exec(text)?.[1];
  return named ?? `case ${index + 1} (${text.slice(0, 60)})`;
}
