/** The goals, whether they are met, and the lines of the table. */

import { type Cell, nameOf } from "./cells.ts";
import type { MeasuredDue, MeasuredShared } from "./due.ts";
import type { ClientRounds, MeasuredCell, MeasuredStreams, Rounds } from "./measure.ts";
import { TOKEN_MS } from "./network.ts";
import type { Starts, Way } from "./starts.ts";
import { median, medianInterval, type Spread, spread } from "./statistics.ts";

export interface Goal {
  readonly wanted: string;
  readonly measured: string;
  readonly isMet: boolean;
}

/** A cell of the table, in milliseconds. */
export interface CellResult {
  readonly cell: Cell;
  readonly bare: number;
  /** What our plugin adds. */
  readonly ours: Spread;
  /** What the peer adds. */
  readonly peer: Spread;
  /** Ours over the peer's. */
  readonly ratio: number;
}

/** The largest ratio; in Chinese text, kimi-cli's estimate has to look at every character. */
const MOST = { text: 0.5, image: 0.5, chinese: 1, growing: 0.5 };

/** The most that kimi-code adds, over kimi-cli. */
const CLIENTS_RATIO = 1.3;

const IMPORT_MS = 5;
const STREAM_SHARE = 0.01;
/** How much later a question with a due token may reach Kimi. */
const DUE_MS = 5;
const BUNDLE_BYTES = 14 * 1024;

/** What one subject takes longer than another, round by round. */
export function added(rounds: readonly number[], bare: readonly number[]): Spread {
  return spread(differences(rounds, bare));
}

function differences(rounds: readonly number[], others: readonly number[]): readonly number[] {
  return rounds.map((time, round) => time - (others[round] ?? NaN));
}

export function cellResult({ cell, rounds }: MeasuredCell): CellResult {
  const [ours, peer] = [added(rounds.ours, rounds.bare), added(rounds.peer, rounds.bare)];
  return { cell, ours, peer, bare: median(rounds.bare), ratio: ours.median / peer.median };
}

export function cellGoal({ cell, ours, peer, ratio }: CellResult): Goal {
  const most = MOST[cell.content];
  return {
    wanted: `${nameOf(cell)}: at most ${most} of what the peer adds`,
    measured: `${ratio.toFixed(2)} (${ms(ours.median)} of ${ms(peer.median)})`,
    isMet: ours.median <= most * peer.median,
  };
}

/** What the client kimi-code adds, beside kimi-cli. */
export function clientGoal(cell: Cell, { bare, ours, code }: ClientRounds): Goal {
  const [cli, other] = [added(ours, bare).median, added(code, bare).median];
  return {
    wanted: `${nameOf(cell)}: kimi-code adds at most ${CLIENTS_RATIO} of kimi-cli`,
    measured: `${(other / cli).toFixed(2)} (${ms(other)} of ${ms(cli)})`,
    isMet: other <= CLIENTS_RATIO * cli,
  };
}

export function importGoal({ ours, peer }: Pick<Rounds, "ours" | "peer">): Goal {
  const time = median(ours);
  return {
    wanted: `Import in a fresh process: at most ${IMPORT_MS} ms`,
    measured: `${ms(time)} (the peer: ${ms(median(peer))})`,
    isMet: time <= IMPORT_MS,
  };
}

export function streamGoal({ bytes, events }: MeasuredStreams): Goal {
  const [ours, sdk] = [added(bytes.ours, bytes.bare).median, median(events.bare)];
  return {
    wanted: `Stream: less than ${STREAM_SHARE * 100} % of the SDK's time`,
    measured: `${(ours / sdk * 100).toFixed(2)} % (${ms(ours)} of ${ms(sdk)} a MB)`,
    isMet: ours / sdk < STREAM_SHARE,
  };
}

export function dueGoal({ fresh, due }: MeasuredDue, peer: MeasuredDue): Goal {
  const later = added(due, fresh).median;
  return {
    wanted: `A due token: a question goes out at most ${DUE_MS} ms later`,
    measured: `${ms(later)} (the peer: ${ms(added(peer.due, peer.fresh).median)})`,
    isMet: later <= DUE_MS,
  };
}

export function sharedGoal({ due, refreshes }: MeasuredShared): Goal {
  return {
    wanted: "A due token in eight processes: one refresh, and no wait",
    measured: `${Math.max(...refreshes)}, at most ${ms(Math.max(...due))} to the first byte`,
    isMet: refreshes.every((count) => count === 1) && Math.max(...due) < TOKEN_MS,
  };
}

/** The goal of what a start reads, in bytes gzipped. */
export function bundleGoal(bytes: number): Goal {
  return {
    wanted: `What a start reads: at most ${BUNDLE_BYTES / 1024} KB gzipped`,
    measured: `${(bytes / 1024).toFixed(1)} KB`,
    isMet: bytes <= BUNDLE_BYTES,
  };
}

/** The goals of starts: no measurable difference from a plugin that does nothing. */
export function startGoals(starts: Starts): readonly Goal[] {
  const ways: readonly (readonly [Way, string])[] = [["ours", ""], ["discover", " with discover"]];
  return ways.map(([way, name]) => {
    const more = differences(starts[way], starts.empty);
    const [low, high] = medianInterval(more);
    return {
      wanted: `Start${name}: not measurably slower than with an empty plugin`,
      measured: `${ms(median(more))}, 95 % within ${low.toFixed(0)} and ${high.toFixed(0)}`,
      isMet: low <= 0,
    };
  });
}

const WIDTHS = [26, 10, 26, 26, 6];

/** A line of columns: the first aligned left, the others right. */
function row(...cells: readonly string[]): string {
  const padded = cells.map((cell, index) =>
    index === 0 ? cell.padEnd(WIDTHS[index] ?? 0) : cell.padStart(WIDTHS[index] ?? 0)
  );
  return `  ${padded.join("  ").trimEnd()}\n`;
}

export const HEAD = row("one request", "bare SDK", "ours adds", "the peer adds", "ratio");

export function cellRow({ cell, bare, ours, peer, ratio }: CellResult): string {
  return row(nameOf(cell), ms(bare), inWords(ours), inWords(peer), ratio.toFixed(2));
}

export function streamRows({ firstByte, bytes, events }: MeasuredStreams): string {
  const line = (name: string, { bare, ours, peer }: Rounds) =>
    row(name, ms(median(bare)), inWords(added(ours, bare)), inWords(added(peer, bare)));
  return [
    row("stream", "bare SDK", "ours adds", "the peer adds"),
    line("first byte", firstByte),
    line("a MB as it comes", bytes),
    line("a MB as events", events),
  ].join("");
}

export function dueRows(ours: MeasuredDue, peer: MeasuredDue, shared: MeasuredShared): string {
  const line = (name: string, { fresh, due }: MeasuredDue) =>
    row(name, ms(median(fresh)), ms(median(due)), inWords(added(due, fresh)));
  return [
    row(`refresh of ${TOKEN_MS} ms`, "fresh", "due", "later"),
    line("ours", ours),
    line("the peer", peer),
    line("ours, eight processes", shared),
  ].join("");
}

export function startRows(starts: Starts): string {
  const line = (name: string, way: Way) =>
    row(name, ms(median(starts[way])), inWords(added(starts[way], starts.none)));
  return [
    row("start of opencode", "takes", "more than without"),
    row("no plugin", ms(median(starts.none))),
    line("an empty plugin", "empty"),
    line("ours", "ours"),
    line("ours with discover", "discover"),
  ].join("");
}

export function goalRow({ wanted, measured, isMet }: Goal): string {
  return `  ${isMet ? "PASS" : "FAIL"}  ${wanted.padEnd(60)}  ${measured}\n`;
}

function ms(time: number): string {
  return `${time.toFixed(Math.abs(time) < 1 ? 3 : 2)} ms`;
}

function inWords({ median, low, high }: Spread): string {
  const digits = Math.abs(median) < 1 ? 3 : 2;
  return `${ms(median)} [${low.toFixed(digits)} ${high.toFixed(digits)}]`;
}
