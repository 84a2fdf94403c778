/**
 * What a check compared, and where two texts differ first.
 *
 * @module
 */

/** Where two texts differ first. */
export interface Difference {
  /** Index of the first character that differs. */
  readonly offset: number;
  /** About 60 characters around it, of what kimi-cli says. */
  readonly theirs: string;
  /** About 60 characters around it, of what this project says. */
  readonly ours: string;
}

/** Two texts that should be equal. */
export interface Pair {
  /** Which case, for the report. */
  readonly name: string;
  /** What kimi-cli says. */
  readonly theirs: string;
  /** What this project says. */
  readonly ours: string;
}

/** One line of the table. */
export interface Check {
  /** What kind of request or function. */
  readonly kind: string;
  /** What was compared, and what cannot be. */
  readonly compared: string;
  /** How many comparisons there were. */
  readonly count: number;
  /** Those that found a difference. */
  readonly unequal: readonly (Pair & Difference)[];
}

const AROUND = 30;

/** @returns Where the texts differ first, or undefined where they are equal. */
export function firstDifference(theirs: string, ours: string): Difference | undefined {
  if (theirs === ours) return undefined;
  let offset = 0;
  while (offset < theirs.length && theirs[offset] === ours[offset]) offset++;
  return { offset, theirs: around(theirs, offset), ours: around(ours, offset) };
}

/** @returns A line of the table. A check that compared nothing found a difference. */
export function check(kind: string, compared: string, pairs: readonly Pair[]): Check {
  const seen = pairs.length > 0 ? pairs : [{ name: "nothing", theirs: "a case", ours: "none" }];
  const unequal = seen.flatMap((pair) => {
    const difference = firstDifference(pair.theirs, pair.ours);
    return difference === undefined ? [] : [{ ...pair, ...difference }];
  });
  return { kind, compared, count: seen.length, unequal };
}

function around(text: string, offset: number): string {
  const start = Math.max(0, offset - AROUND);
  const end = Math.min(text.length, offset + AROUND);
  const cut = text.slice(start, end).toWellFormed();
  return `${start > 0 ? "…" : ""}${cut}${end < text.length ? "…" : ""}`;
}
