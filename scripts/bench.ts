/**
 * Times the built plugin in Bun, as opencode runs it, beside the bare SDK and the npm plugin
 * `opencode-kimi-oauth`, and prints which goals are met.
 *
 * `--filter TEXT` measures only the cells whose names contain it; `--quick` measures too little to
 * judge; `--starts` also times starts of the real opencode. Exits with 1 if a goal is not met.
 */
import { parseArgs } from "node:util";
import { type Cell, CELLS, nameOf, TOOL_COUNTS } from "./bench/cells.ts";
import { measureDue, measureShared } from "./bench/due.ts";
import * as goals from "./bench/goals.ts";
import * as measure from "./bench/measure.ts";
import { type Ground, prepareGround } from "./bench/processes.ts";
import { measureStarts } from "./bench/starts.ts";
import { eagerFiles, gzippedBytes } from "./build/module_graph.ts";
import { write } from "./shared/write.ts";

const THOROUGH: measure.Effort = { budget: 12_000, rounds: 15, megabytes: 100 };
const QUICK: measure.Effort = { budget: 0, rounds: 2, megabytes: 2 };

/** Rounds of starts; each takes eight seconds. */
const START_ROUNDS = 20;

const OPTIONS = {
  filter: { type: "string", default: "" },
  quick: { type: "boolean", default: false },
  starts: { type: "boolean", default: false },
} as const;

async function measureAll(
  ground: Ground,
  effort: measure.Effort,
  filter: string,
): Promise<readonly goals.Goal[]> {
  const results: goals.CellResult[] = [];
  const cells = CELLS.filter((cell) => nameOf(cell).includes(filter));
  const streams = await measure.withWorkers(ground, ["bare", "ours", "peer"], async (worker) => {
    write(goals.HEAD);
    for (const cell of cells) {
      const rounds = await measure.measureCell(worker, effort, cell);
      const result = goals.cellResult({ cell, rounds });
      results.push(result);
      write(goals.cellRow(result));
    }
    return await measure.measureStreams(worker, { ...effort, budget: effort.budget / 3 });
  });
  write(`\n${goals.streamRows(streams)}`);
  const [due, peer] = [
    await measureDue(ground, "ours", effort),
    await measureDue(ground, "peer", effort),
  ];
  const shared = await measureShared(ground, effort);
  write(`\n${goals.dueRows(due, peer, shared)}`);
  return [
    ...results.map(goals.cellGoal),
    ...await measureClients(ground, { ...effort, budget: effort.budget / 2 }, cells),
    goals.streamGoal(streams),
    goals.dueGoal(due, peer),
    goals.sharedGoal(shared),
    goals.importGoal(await measure.measureImports(ground, effort)),
    goals.bundleGoal(await gzippedBytes(await eagerFiles(ground.ours))),
  ];
}

/** Measures both clients, with the usual number of tools. */
async function measureClients(
  ground: Ground,
  effort: measure.Effort,
  cells: readonly Cell[],
): Promise<readonly goals.Goal[]> {
  return await measure.withWorkers(ground, ["bare", "ours", "code"], async (worker) => {
    const met: goals.Goal[] = [];
    for (const cell of cells.filter(({ tools }) => tools === TOOL_COUNTS[0])) {
      met.push(goals.clientGoal(cell, await measure.measureCell(worker, effort, cell)));
    }
    return met;
  });
}

async function main(args: string[]): Promise<number> {
  const { values: { filter, quick, starts } } = parseArgs({ args, options: OPTIONS });
  const folder = await Deno.makeTempDir({ prefix: "kimi-bench-" });
  try {
    const ground = await prepareGround(folder);
    write("Medians of rounds, and their quartiles:\n\n");
    const met = [...await measureAll(ground, quick ? QUICK : THOROUGH, filter)];
    if (starts) {
      const times = await measureStarts(ground.dir, quick ? 1 : START_ROUNDS);
      write(`\n${goals.startRows(times)}`);
      met.push(...goals.startGoals(times));
    }
    write("\n");
    for (const goal of met) write(goals.goalRow(goal));
    if (quick) write("\nMeasured too little to judge\n");
    return quick || met.every(({ isMet }) => isMet) ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const code = await main(Deno.args).catch((error) => {
    write(`${error instanceof Error ? error.message : error}\n`);
    return 1;
  });
  Deno.exit(code);
}
