/**
 * Prints the table of the parity check.
 *
 * @module
 */
import { write } from "../shared/write.ts";
import type { Check } from "./compare.ts";
import { type DeviationId, DEVIATIONS } from "../../lib/kimi/deviations.ts";

/** Deviations that were met, and where. */
export type Met = ReadonlyMap<DeviationId, ReadonlySet<string>>;

/** How many differences of a check are shown. */
const SHOWN = 3;

/** Writes the line of a check, and below it its first differences. */
export function printCheck({ kind, compared, count, unequal }: Check): void {
  const equal = count - unequal.length;
  const mark = unequal.length === 0 ? "✓" : "✗";
  write(`  ${mark} ${kind.padEnd(17)} ${`${equal}/${count}`.padStart(7)}  ${compared}\n`);
  for (const { name, offset, theirs, ours } of unequal.slice(0, SHOWN)) {
    write(`      ${name} differs at character ${offset}:\n`);
    write(`        kimi-cli  ${JSON.stringify(theirs)}\n`);
    write(`        ours      ${JSON.stringify(ours)}\n`);
  }
  const hidden = unequal.length - SHOWN;
  if (hidden > 0) write(`      and ${hidden} more\n`);
}

/** Writes the deliberate deviations, and where each was met in this run. */
export function printDeviations(met: Met): void {
  write("\nDifferent on purpose, and not counted as equal:\n\n");
  for (const { id, what } of DEVIATIONS) {
    write(`  · ${id.padEnd(17)} ${what}\n`);
    const seen = [...met.get(id) ?? []];
    if (seen.length > 0) write(`${" ".repeat(22)}met here: ${seen.join(", ")}\n`);
  }
}

/** Writes the last line. */
export function printTotal(checks: readonly Check[]): void {
  const count = sum(checks.map((check) => check.count));
  const unequal = sum(checks.map((check) => check.unequal.length));
  write(`\nparity ${count - unequal}/${count}\n`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
