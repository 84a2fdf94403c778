/**
 * Measures what the table shows, always in turn, so that what else the machine does meets all alike.
 *
 * @module
 */
import { CELLS, nameOf } from "./cells.ts";
import { type Ground, importTime, startWorker } from "./processes.ts";
import type { SubjectName } from "./subjects.ts";
import type { Order } from "./worker.ts";

/** Milliseconds of each round, of each of the three. */
export type Rounds = Readonly<Record<SubjectName, readonly number[]>>;

/** How thoroughly to measure. */
export interface Effort {
  /** For how long a cell is measured, in milliseconds. */
  readonly budget: number;
  /** The least number of rounds. */
  readonly rounds: number;
  /** Megabytes of a long stream. */
  readonly megabytes: number;
}

/** What was measured of a cell. */
export interface MeasuredCell {
  readonly cell: typeof CELLS[number];
  readonly rounds: Rounds;
}

/** What was measured of streams. */
export interface MeasuredStreams {
  /** To the first bytes of an answer. */
  readonly firstByte: Rounds;
  /** A megabyte, read as it comes. */
  readonly bytes: Rounds;
  /** A megabyte, read as events by the SDK. */
  readonly events: Rounds;
}

const NAMES = ["bare", "ours", "peer"] as const;

/** Rounds in which code is compiled, and which do not count. */
const WARM_ROUNDS = 4;

/**
 * How often each does the same in a round: so many requests, by their size, parts of a long stream,
 * and imports. The fastest counts: what else the machine does slows down, and never hastens.
 */
const REQUESTS = { most: 20, least: 3, bytes: 6e6 };
const PARTS = 4;
const IMPORTS = 4;

/** Measures what an order says, in rounds. */
export type Measure = (order: Order, effort: Effort) => Promise<Rounds>;

/** Runs with the three processes started. */
export async function withWorkers<T>(
  ground: Ground,
  run: (measure: Measure) => Promise<T>,
): Promise<T> {
  await using bare = startWorker(ground, "bare");
  await using ours = startWorker(ground, "ours");
  await using peer = startWorker(ground, "peer");
  const workers = { bare, ours, peer };
  return await run(async (order, { budget, rounds: least }) => {
    const rounds: Record<SubjectName, number[]> = { bare: [], ours: [], peer: [] };
    let end = Infinity;
    for (let round = -WARM_ROUNDS; round < least || performance.now() < end; round++) {
      if (round === 0) end = performance.now() + budget;
      for (const name of rotated(NAMES, round)) {
        const fastest = Math.min(...await workers[name].measure(order));
        if (round >= 0) rounds[name].push(fastest);
      }
    }
    return rounds;
  });
}

/** @returns The items, beginning with another one in each round. */
export function rotated<T>(items: readonly T[], round: number): readonly T[] {
  const first = ((round % items.length) + items.length) % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

/** Measures the cells whose names hold a text. */
export async function measureCells(
  measure: Measure,
  effort: Effort,
  filter: string,
  told: (cell: MeasuredCell) => void,
): Promise<void> {
  for (const cell of CELLS.filter((cell) => nameOf(cell).includes(filter))) {
    const { most, least, bytes } = REQUESTS;
    const count = Math.max(least, Math.min(most, Math.floor(bytes / cell.bytes)));
    const rounds = await measure({ kind: "request", cell: nameOf(cell), count }, effort);
    told({ cell, rounds });
  }
}

/** Measures streams. */
export async function measureStreams(measure: Measure, effort: Effort): Promise<MeasuredStreams> {
  const { megabytes } = effort;
  const perMegabyte = async (kind: "bytes" | "events", megabytes: number) => {
    const { bare, ours, peer } = await measure({ kind, megabytes, count: PARTS }, effort);
    const each = (rounds: readonly number[]) => rounds.map((time) => time / megabytes);
    return { bare: each(bare), ours: each(ours), peer: each(peer) };
  };
  return {
    firstByte: await measure({ kind: "first byte", count: REQUESTS.most }, effort),
    bytes: await perMegabyte("bytes", megabytes / PARTS),
    // The SDK takes seconds for as much.
    events: await perMegabyte("events", megabytes / PARTS / 10),
  };
}

/** Measures the import of both plugins, each time in a fresh process. */
export async function measureImports(
  ground: Ground,
  { rounds }: Effort,
): Promise<Pick<Rounds, "ours" | "peer">> {
  const times: Record<"ours" | "peer", number[]> = { ours: [], peer: [] };
  for (let round = 0; round < rounds; round++) {
    const fastest = { ours: Infinity, peer: Infinity };
    for (let turn = 0; turn < IMPORTS; turn++) {
      for (const name of rotated(["ours", "peer"] as const, turn)) {
        fastest[name] = Math.min(fastest[name], await importTime(ground, ground[name]));
      }
    }
    for (const name of ["ours", "peer"] as const) times[name].push(fastest[name]);
  }
  return times;
}
