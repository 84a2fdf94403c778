import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { fromFileUrl } from "@std/path";
import { type Cell, CELLS, inputOf, nameOf } from "../../scripts/bench/cells.ts";
import {
  added,
  bundleGoal,
  cellGoal,
  cellResult,
  cellRow,
  clientGoal,
  dueGoal,
  goalRow,
  importGoal,
  sharedGoal,
  startGoals,
  streamGoal,
} from "../../scripts/bench/goals.ts";
import { rotated } from "../../scripts/bench/measure.ts";
import { median, medianInterval, quantile, spread } from "../../scripts/bench/statistics.ts";
import { runProcess } from "../support/process.ts";

const SCRIPT = fromFileUrl(new URL("../../scripts/bench.ts", import.meta.url));

const TEXT: Cell = { name: "30 KB text", content: "text", bytes: 30e3, tools: 20 };

function roundsOf(bare: number, ours: number, peer: number) {
  return { bare: [bare, bare], ours: [bare + ours, bare + ours], peer: [bare + peer, bare + peer] };
}

Deno.test("median() and spread() interpolate in the sorted list", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 2, 3]), 2.5);
  assertEquals(spread([5, 1, 4, 2, 3]), { median: 3, low: 2, high: 4 });
  const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 });
  fc.assert(fc.property(numbers, (given) => {
    const sorted = given.toSorted((a, b) => a - b);
    assertEquals([quantile(given, 0), quantile(given, 1)], [sorted[0], sorted.at(-1)]);
    const { low, median: middle, high } = spread(given);
    assert(low <= middle && middle <= high);
  }));
});

Deno.test("medianInterval() leaves out at most a fortieth at each end", () => {
  const count = (to: number) => Array.from({ length: to }, (_, index) => index + 1);
  assertEquals(medianInterval(count(5)), [-Infinity, Infinity]);
  assertEquals(medianInterval(count(6)), [1, 6]);
  // From tables of the sign test.
  assertEquals(medianInterval(count(10)), [2, 9]);
  assertEquals(medianInterval(count(20)), [6, 15]);
});

Deno.test("startGoals() fail if the whole interval of the differences is above zero", () => {
  const times = (extra: number) => [1, 2, 3, 4, 5, 6, 7, 8].map((time) => 100 * time + extra);
  const goals = startGoals({ none: times(0), empty: times(5), ours: times(5), discover: times(6) });
  assertEquals(goals.map(({ isMet }) => isMet), [true, false]);
});

Deno.test("rotated() begins with another item in each round", () => {
  const order = [-1, 0, 1].map((round) => rotated(["a", "b", "c"], round).join(""));
  assertEquals(order, ["cab", "abc", "bca"]);
});

Deno.test("added() compares round by round, not medians", () => {
  assertEquals(added([2, 30, 5], [1, 20, 3]).median, 2);
});

Deno.test("cellGoal() allows half of what the peer adds, and all of it in Chinese", () => {
  const isMet = (ours: number, content: Cell["content"]) =>
    cellGoal(cellResult({ cell: { ...TEXT, content }, rounds: roundsOf(1, ours, 2) })).isMet;
  assertEquals([isMet(1, "text"), isMet(1.01, "text")], [true, false]);
  assertEquals([isMet(1, "image"), isMet(1.01, "image")], [true, false]);
  assertEquals([isMet(2, "chinese"), isMet(2.01, "chinese")], [true, false]);
});

Deno.test("clientGoal() allows kimi-code 1.3 of what kimi-cli adds", () => {
  const isMet = (code: number) =>
    clientGoal(TEXT, { bare: [1], ours: [1 + 1], code: [1 + code] }).isMet;
  assertEquals([isMet(1.3), isMet(1.31)], [true, false]);
});

Deno.test("importGoal(), streamGoal() and bundleGoal() have limits", () => {
  assertEquals([5, 5.1].map((ours) => importGoal({ ours: [ours], peer: [9] }).isMet), [
    true,
    false,
  ]);
  const stream = (ours: number) =>
    streamGoal({
      firstByte: roundsOf(1, 1, 1),
      bytes: roundsOf(1, ours, 0),
      events: roundsOf(50, 99, 0),
    }).isMet;
  assertEquals([stream(0.49), stream(0.5)], [true, false]);
  assertEquals([14 * 1024, 14 * 1024 + 1].map((bytes) => bundleGoal(bytes).isMet), [true, false]);
});

Deno.test("dueGoal() and sharedGoal() fail if a question waits for a refresh, or if there are two", () => {
  const peer = { fresh: [1, 1], due: [410, 410] };
  const isMet = (due: number) => dueGoal({ fresh: [1, 1], due: [1, 1 + due] }, peer).isMet;
  assertEquals([isMet(10), isMet(10.1)], [true, false], "5 ms in the median");
  const shared = (refreshes: readonly number[], due = 9) =>
    sharedGoal({ fresh: [1], due: [1, due], refreshes }).isMet;
  assertEquals([shared([1, 1]), shared([1, 2]), shared([0]), shared([1], 400)], [
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("cellRow() and goalRow() print a cell and its goal", () => {
  const result = cellResult({ cell: TEXT, rounds: roundsOf(1, 0.25, 1) });
  assertMatch(
    cellRow(result),
    /^ {2}30 KB text, 20 tools +1\.00 ms +0\.250 ms \[0\.250 0\.250\] +1\.00 ms \[1\.00 1\.00\] +0\.25\n$/,
  );
  assertMatch(goalRow(cellGoal(result)), /^ {2}PASS {2}30 KB text, 20 tools: .+ 0\.25 \(/);
  assertMatch(goalRow(bundleGoal(15_000)), /^ {2}FAIL /);
});

Deno.test("the bench rejects unknown options", async () => {
  for (const option of [["--fast"], ["quick"], ["--filter"]]) {
    const args = ["run", "-A", "--quiet", SCRIPT, ...option];
    const { code, stdout } = await runProcess(Deno.execPath(), { args, timeout: 60_000 });
    assertEquals(code, 1);
    assertMatch(stdout, /--fast|quick|--filter/);
  }
});

Deno.test("inputOf() has the size and the tools of the cell, and is the same each time", () => {
  for (const cell of CELLS) {
    const input = inputOf(cell);
    assertEquals(inputOf(cell), input);
    const { prompt, tools } = JSON.parse(input);
    assertEquals(new Set(tools.map(({ name }: { name: string }) => name)).size, cell.tools);
    const bytes = new TextEncoder().encode(JSON.stringify(prompt)).length;
    assert(bytes > 0.95 * cell.bytes && bytes < 1.15 * cell.bytes, nameOf(cell));
  }
  assertEquals(new Set(CELLS.map(nameOf)).size, CELLS.length);
});

Deno.test("the bench runs, and a quick run reports that it measured too little", async () => {
  const args = ["run", "-A", "--quiet", SCRIPT, "--quick", "--filter", "30 KB text, 20"];
  const { code, stdout, stderr } = await runProcess(Deno.execPath(), { args, timeout: 120_000 });
  assertEquals(code, 0, stderr);
  assertMatch(stdout, /\n {2}30 KB text, 20 tools +\S+ ms +\S+ ms \[\S+ \S+\] /);
  const due = ["ours", "the peer", "ours, eight processes"];
  for (const what of ["first byte", "a MB as it comes", "a MB as events", ...due]) {
    assertMatch(stdout, new RegExp(`\n {2}${what} +\\d`));
  }
  assertEquals(stdout.match(/\n {2}(?:PASS|FAIL) {2}/g)?.length, 7);
  assertMatch(stdout, /\nMeasured too little to judge\n$/);
});
