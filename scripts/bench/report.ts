/**
 * The bench in print.
 *
 * @module
 */
import { nameOf } from "./cells.ts";
import { added, type CellResult, compared, type Goal, ms, slopes } from "./goals.ts";
import type { MeasuredStreams } from "./measure.ts";
import type { Starts, Way } from "./starts.ts";
import { median, type Spread, spread } from "./statistics.ts";

const COLUMNS = [26, 10, 26, 26, 6];

/** @returns A line of columns: the first to the left, the others to the right. */
export function row(...cells: readonly string[]): string {
  const padded = cells.map((cell, index) =>
    index === 0 ? cell.padEnd(COLUMNS[index] ?? 0) : cell.padStart(COLUMNS[index] ?? 0)
  );
  return `  ${padded.join("  ").trimEnd()}\n`;
}

/** The head of the table of cells. */
export const HEAD = row("one request", "bare SDK", "ours adds", "the peer adds", "ratio");

/** @returns The line of a cell. */
export function cellRow({ cell, bare, ours, peer, ratio }: CellResult): string {
  return row(nameOf(cell), ms(bare), inWords(ours), inWords(peer), ratio.toFixed(2));
}

/** @returns The lines of the slopes. */
export function slopeRows(results: readonly CellResult[]): string {
  return slopes(results).map(({ tools, ours, peer }) =>
    row(`a MB of text, ${tools} tools`, "", ms(ours), ms(peer), (ours / peer).toFixed(2))
  ).join("");
}

/** @returns The lines of streams. */
export function streamRows({ firstByte, bytes, events }: MeasuredStreams): string {
  const line = (name: string, { bare, ours, peer }: MeasuredStreams["bytes"]) =>
    row(name, ms(median(bare)), inWords(added(ours, bare)), inWords(added(peer, bare)));
  return [
    row("stream", "bare SDK", "ours adds", "the peer adds"),
    line("first byte", firstByte),
    line("a MB as it comes", bytes),
    line("a MB as events", events),
  ].join("");
}

/** @returns The lines of starts. */
export function startRows(starts: Starts): string {
  const names: readonly (readonly [Way, string])[] = [
    ["none", "no plugin"],
    ["empty", "an empty plugin"],
    ["ours", "ours"],
    ["discover", "ours with discover"],
  ];
  const lines = names.map(([way, name]) => {
    const { differences } = compared(starts, way, "none");
    return row(name, ms(median(starts[way])), way === "none" ? "" : inWords(spread(differences)));
  });
  return [row("start of opencode", "takes", "more than without"), ...lines].join("");
}

/** @returns The line of a goal. */
export function goalRow({ wanted, measured, isMet }: Goal): string {
  return `  ${isMet ? "PASS" : "FAIL"}  ${wanted.padEnd(60)}  ${measured}\n`;
}

function inWords({ median, low, high }: Spread): string {
  const digits = Math.abs(median) < 1 ? 3 : 2;
  return `${ms(median)} [${low.toFixed(digits)} ${high.toFixed(digits)}]`;
}
