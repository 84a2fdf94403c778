/**
 * What was measured against what is wanted.
 *
 * @module
 */
import { type Cell, nameOf } from "./cells.ts";
import type { MeasuredCell, MeasuredStreams, Rounds } from "./measure.ts";
import type { Starts, Way } from "./starts.ts";
import { median, medianInterval, slope, type Spread, spread } from "./statistics.ts";

/** A goal, and whether it is met. */
export interface Goal {
  /** What is wanted. */
  readonly wanted: string;
  /** What was measured, in words. */
  readonly measured: string;
  readonly isMet: boolean;
}

/** A cell as the table shows it, in milliseconds. */
export interface CellResult {
  readonly cell: Cell;
  readonly bare: number;
  /** What our plugin adds. */
  readonly ours: Spread;
  /** What the peer adds. */
  readonly peer: Spread;
  /** Ours over the peer's. */
  readonly ratio: number;
  /** The most that it may be. */
  readonly limit: number;
}

/** The most of the peer's added time that ours may be. */
const HALF = 0.5;

/** In a Chinese conversation kimi-cli's estimate needs a look at every character. */
const ALL = 1;

const IMPORT_MS = 5;
const STREAM_SHARE = 0.01;
const BUNDLE_BYTES = 14 * 1024;

/** What one of two adds to the other, round by round. */
export function added(rounds: readonly number[], bare: readonly number[]): Spread {
  return spread(rounds.map((time, round) => time - (bare[round] ?? NaN)));
}

/** A cell's medians and ratio. */
export function cellResult({ cell, rounds }: MeasuredCell): CellResult {
  const [ours, peer] = [added(rounds.ours, rounds.bare), added(rounds.peer, rounds.bare)];
  return {
    ...{ cell, ours, peer, bare: median(rounds.bare), ratio: ours.median / peer.median },
    limit: cell.content === "chinese" ? ALL : HALF,
  };
}

/** The goal of a cell. */
export function cellGoal({ cell, ours, peer, ratio, limit }: CellResult): Goal {
  return {
    wanted: `${nameOf(cell)}: at most ${limit} of what the peer adds`,
    measured: `${ratio.toFixed(2)} (${ms(ours.median)} of ${ms(peer.median)})`,
    isMet: ours.median <= limit * peer.median,
  };
}

/** How much each megabyte of text adds, by the straight line through the cells of text. */
export function slopes(
  results: readonly CellResult[],
): readonly { readonly tools: number; readonly ours: number; readonly peer: number }[] {
  const texts = results.filter(({ cell }) => cell.content === "text");
  return [...new Set(texts.map(({ cell }) => cell.tools))].flatMap((tools) => {
    const line = texts.filter(({ cell }) => cell.tools === tools);
    if (line.length < 2) return [];
    const of = (name: "ours" | "peer") =>
      slope(line.map((result) => [result.cell.bytes / 1e6, result[name].median]));
    return [{ tools, ours: of("ours"), peer: of("peer") }];
  });
}

/** The goal of the import. */
export function importGoal({ ours, peer }: Pick<Rounds, "ours" | "peer">): Goal {
  const time = median(ours);
  return {
    wanted: `Import in a fresh process: at most ${IMPORT_MS} ms`,
    measured: `${ms(time)} (the peer: ${ms(median(peer))})`,
    isMet: time <= IMPORT_MS,
  };
}

/** The goal of streams: what reading adds, beside what opencode's SDK takes for the same bytes. */
export function streamGoal({ bytes, events }: MeasuredStreams): Goal {
  const perMegabyte = added(bytes.ours, bytes.bare).median;
  const share = perMegabyte / median(events.bare);
  return {
    wanted: `Stream: less than ${STREAM_SHARE * 100} % of the SDK's time`,
    measured: `${(share * 100).toFixed(2)} % (${ms(perMegabyte)} of ${
      ms(median(events.bare))
    } a MB)`,
    isMet: share < STREAM_SHARE,
  };
}

/** The goal of the bundle: what a start reads of it, compressed. */
export function bundleGoal(bytes: number): Goal {
  return {
    wanted: `What a start reads: at most ${BUNDLE_BYTES / 1024} KB gzipped`,
    measured: `${(bytes / 1024).toFixed(1)} KB`,
    isMet: bytes <= BUNDLE_BYTES,
  };
}

/** The goals of starts: no difference is to be seen from a plugin that does nothing. */
export function startGoals(starts: Starts): readonly Goal[] {
  const ways: readonly (readonly [Way, string])[] = [["ours", ""], ["discover", " with discover"]];
  return ways.map(([way, name]) => {
    const { differences, low, high } = compared(starts, way, "empty");
    return {
      wanted: `Start${name}: not measurably slower than with an empty plugin`,
      measured: `${ms(median(differences))}, 95 % within ${low.toFixed(0)} and ${high.toFixed(0)}`,
      isMet: low <= 0,
    };
  });
}

/** What one way of starting takes more than another, pair by pair. */
export function compared(starts: Starts, way: Way, beside: Way) {
  const differences = starts[way].map((time, round) => time - (starts[beside][round] ?? NaN));
  const [low, high] = medianInterval(differences);
  return { differences, low, high };
}

/** @returns Milliseconds in words. */
export function ms(time: number): string {
  return `${time.toFixed(Math.abs(time) < 1 ? 3 : 2)} ms`;
}
