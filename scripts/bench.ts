/**
 * Times the built plugin in Bun, as opencode runs it, beside the bare SDK and the npm plugin
 * `opencode-kimi-oauth`, and says which goals are met.
 *
 * `--filter TEXT` measures only the cells whose names hold it; `--quick` measures too little to judge;
 * `--starts` times the starts of the real opencode besides. Ends with 1 where a goal is not met.
 *
 * @module
 */
import {
  bundleGoal,
  cellGoal,
  type CellResult,
  cellResult,
  type Goal,
  importGoal,
  startGoals,
  streamGoal,
} from "./bench/goals.ts";
import { prepareGround } from "./bench/ground.ts";
import {
  type Effort,
  measureCells,
  measureImports,
  measureStreams,
  withWorkers,
} from "./bench/measure.ts";
import { type Orders, readOrders, USAGE } from "./bench/orders.ts";
import type { Ground } from "./bench/processes.ts";
import { cellRow, goalRow, HEAD, slopeRows, startRows, streamRows } from "./bench/report.ts";
import { measureStarts } from "./bench/starts.ts";
import { eagerFiles, gzippedBytes } from "./build/module_graph.ts";
import { write } from "./shared/write.ts";

const THOROUGH: Effort = { budget: 12_000, rounds: 15, megabytes: 100 };
const QUICK: Effort = { budget: 0, rounds: 2, megabytes: 2 };

/** Rounds of starts, of eight seconds each. */
const START_ROUNDS = 20;

async function measure(ground: Ground, { filter, isQuick }: Orders): Promise<readonly Goal[]> {
  const effort = isQuick ? QUICK : THOROUGH;
  const results: CellResult[] = [];
  const streams = await withWorkers(ground, async (measured) => {
    write(HEAD);
    await measureCells(measured, effort, filter, (cell) => {
      const result = cellResult(cell);
      results.push(result);
      write(cellRow(result));
    });
    write(slopeRows(results));
    return await measureStreams(measured, { ...effort, budget: effort.budget / 3 });
  });
  write(`\n${streamRows(streams)}`);
  const imports = await measureImports(ground, effort);
  return [
    ...results.map(cellGoal),
    streamGoal(streams),
    importGoal(imports),
    bundleGoal(await gzippedBytes(await eagerFiles(ground.ours))),
  ];
}

/** Measures, prints, and gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const orders = readOrders(args);
  if (orders === undefined) {
    write(USAGE);
    return 1;
  }
  const folder = await Deno.makeTempDir({ prefix: "kimi-bench-" });
  try {
    const ground = await prepareGround(folder);
    write("Medians of rounds, and where the middle half of them lies:\n\n");
    const goals = [...await measure(ground, orders)];
    if (orders.starts) {
      const starts = await measureStarts(ground.dir, orders.isQuick ? 1 : START_ROUNDS);
      write(`\n${startRows(starts)}`);
      goals.push(...startGoals(starts));
    }
    write("\n");
    for (const goal of goals) write(goalRow(goal));
    if (orders.isQuick) write("\nMeasured too little to judge\n");
    return orders.isQuick || goals.every(({ isMet }) => isMet) ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
