/** Measures in rounds, in which all take turns, so that other load on the machine slows all alike. */

import { type Cell, nameOf } from "./cells.ts";
import { type Ground, importTime, startWorker } from "./processes.ts";
import type { SubjectName } from "./subjects.ts";
import type { Order } from "./worker.ts";

/** Milliseconds of each round. */
export type RoundsOf<Name extends SubjectName> = Readonly<Record<Name, readonly number[]>>;

/** The three that most is measured with. */
export type Rounds = RoundsOf<"bare" | "ours" | "peer">;

/** What is measured with both clients. */
export type ClientRounds = RoundsOf<"bare" | "ours" | "code">;

/** How thoroughly to measure. */
export interface Effort {
  /** How long to measure a cell, in milliseconds. */
  readonly budget: number;
  /** The least number of rounds. */
  readonly rounds: number;
  /** Megabytes of a long stream. */
  readonly megabytes: number;
}

export interface MeasuredCell {
  readonly cell: Cell;
  readonly rounds: Rounds;
}

export interface MeasuredStreams {
  readonly firstByte: Rounds;
  /** A megabyte, read as it comes. */
  readonly bytes: Rounds;
  /** A megabyte, read as events by the SDK. */
  readonly events: Rounds;
}

/** Rounds in which code is compiled, and which do not count. */
const WARM_ROUNDS = 4;

/**
 * Runs in a round: of requests by their size, of parts of a long stream, and of imports. Only the
 * fastest counts, since other load can only slow a run down.
 */
const REQUESTS = { most: 20, least: 3, bytes: 6e6 };
const PARTS = 4;
const IMPORTS = 4;

export type MeasureOf<Name extends SubjectName> = (
  order: Order,
  effort: Effort,
) => Promise<RoundsOf<Name>>;
export type Measure = MeasureOf<"bare" | "ours" | "peer">;

/** Starts a process for each name, for as long as `run` takes. */
export async function withWorkers<Name extends SubjectName, T>(
  ground: Ground,
  names: readonly Name[],
  run: (measure: MeasureOf<Name>) => Promise<T>,
): Promise<T> {
  await using started = new AsyncDisposableStack();
  const workers = names.map((name) => [name, started.use(startWorker(ground, name))] as const);
  return await run(async (order, { budget, rounds: least }) => {
    const rounds = {} as Record<Name, number[]>;
    for (const name of names) rounds[name] = [];
    let end = Infinity;
    for (let round = -WARM_ROUNDS; round < least || performance.now() < end; round++) {
      if (round === 0) end = performance.now() + budget;
      for (const [name, worker] of rotated(workers, round)) {
        const time = await worker.measure(order);
        if (round >= 0) rounds[name].push(time);
      }
    }
    return rounds;
  });
}

/** The items, which begin with another one in each round. */
export function rotated<T>(items: readonly T[], round: number): readonly T[] {
  const first = ((round % items.length) + items.length) % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

export async function measureCell<Name extends SubjectName>(
  measure: MeasureOf<Name>,
  effort: Effort,
  cell: Cell,
): Promise<RoundsOf<Name>> {
  const { most, least, bytes } = REQUESTS;
  const count = Math.max(least, Math.min(most, Math.floor(bytes / cell.bytes)));
  return await measure({ kind: "request", cell: nameOf(cell), count }, effort);
}

export async function measureStreams(measure: Measure, effort: Effort): Promise<MeasuredStreams> {
  const perMegabyte = async (kind: "bytes" | "events", megabytes: number) => {
    const { bare, ours, peer } = await measure({ kind, megabytes, count: PARTS }, effort);
    const each = (rounds: readonly number[]) => rounds.map((time) => time / megabytes);
    return { bare: each(bare), ours: each(ours), peer: each(peer) };
  };
  const megabytes = effort.megabytes / PARTS;
  return {
    firstByte: await measure({ kind: "first byte", count: REQUESTS.most }, effort),
    bytes: await perMegabyte("bytes", megabytes),
    // The SDK would take seconds for the whole.
    events: await perMegabyte("events", megabytes / 10),
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
