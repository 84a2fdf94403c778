/** A run of the parity check: what it compared, and the table that it prints. */

import { type DeviationId, deviationsOf } from "../../lib/kimi/deviations.ts";
import type { RealClientName } from "../../tests/support/clients/real_client.ts";
import { compareResults } from "../../tests/support/judge.ts";
import { write } from "../shared/write.ts";

/** Two texts that should be equal. */
export interface Pair {
  readonly name: string;
  /** What the client sends or returns. */
  readonly theirs: string;
  readonly ours: string;
  /** The deviation because of which they differ; they must. */
  readonly deviation?: DeviationId | undefined;
}

/** Where two texts differ first: the index, and about 60 characters around it. */
export interface Difference {
  readonly offset: number;
  readonly theirs: string;
  readonly ours: string;
}

/** One line of the table. */
export interface Check {
  /** What kind of request or function. */
  readonly kind: string;
  /** What was compared. */
  readonly compared: string;
  readonly count: number;
  readonly unequal: readonly (Pair & Difference)[];
  /** Why Kimi would refuse the client's body, for each that ours repairs. */
  readonly repaired: readonly string[];
  /** The deviations of pairs that are not counted. */
  readonly deviating: readonly DeviationId[];
}

export interface Run {
  readonly client: RealClientName;
  /** A temporary folder. */
  readonly home: string;
  readonly checks: readonly Check[];
  /** Deviations that were met, and where. */
  readonly met: ReadonlyMap<DeviationId, ReadonlySet<string>>;
  /** Compares, and prints a line of the table. */
  readonly add: (kind: string, compared: string, pairs: readonly Pair[]) => void;
  /** Notes that a deviation was met. */
  readonly meet: (id: DeviationId, where: string) => void;
}

/** Characters shown before and after a difference. */
const AROUND = 30;

/** How many differences of a check are printed. */
const PRINTED = 3;

export function startRun(client: RealClientName, home: string): Run {
  const checks: Check[] = [];
  const met = new Map<DeviationId, Set<string>>();
  return {
    client,
    home,
    checks,
    met,
    add(kind, compared, pairs) {
      const made = check(kind, compared, pairs);
      checks.push(made);
      printCheck(client, made);
      for (const [id, { length }] of Map.groupBy(made.deviating, (one) => one)) {
        this.meet(id, `${length} of ${kind}`);
      }
    },
    meet: (id, where) => void met.set(id, new Set([...met.get(id) ?? [], where])),
  };
}

/** Compares pairs; a check without pairs found a difference. */
export function check(kind: string, compared: string, pairs: readonly Pair[]): Check {
  const seen = pairs.length > 0 ? pairs : [{ name: "nothing", theirs: "a case", ours: "none" }];
  const repaired: string[] = [];
  const deviating: DeviationId[] = [];
  const unequal = seen.flatMap((pair) => {
    const difference = firstDifference(pair.theirs, pair.ours);
    if (pair.deviation !== undefined) {
      deviating.push(pair.deviation);
      const theirs = `differs by the deviation "${pair.deviation}"`;
      return difference === undefined ? [{ ...pair, offset: 0, theirs, ours: "does not" }] : [];
    }
    const why = difference === undefined ? undefined : repairOf(pair);
    if (why !== undefined) repaired.push(why);
    return difference === undefined || why !== undefined ? [] : [{ ...pair, ...difference }];
  });
  const count = seen.length - deviating.length;
  return { kind, compared, count, unequal, repaired, deviating };
}

/** Why Kimi would refuse the client's bodies, if it takes ours and nothing else differs. */
function repairOf({ theirs, ours }: Pair): string | undefined {
  const bodies = ours.split("\n");
  const first = theirs.startsWith('{"throws"') ? bodies.map(() => theirs) : theirs.split("\n");
  if (first.length !== bodies.length) return undefined;
  const relations = first.map((one, index) => compareResults(one, bodies[index] ?? ""));
  if (relations.some(({ is }) => is === "different")) return undefined;
  return relations.flatMap((relation) => relation.is === "repaired" ? [relation.why] : [])[0];
}

/** Finds where two texts differ first; undefined if they are equal. */
export function firstDifference(theirs: string, ours: string): Difference | undefined {
  if (theirs === ours) return undefined;
  let offset = 0;
  while (offset < theirs.length && theirs[offset] === ours[offset]) offset++;
  return { offset, theirs: around(theirs, offset), ours: around(ours, offset) };
}

function around(text: string, offset: number): string {
  const start = Math.max(0, offset - AROUND);
  const end = Math.min(text.length, offset + AROUND);
  const cut = text.slice(start, end).toWellFormed();
  return `${start > 0 ? "…" : ""}${cut}${end < text.length ? "…" : ""}`;
}

function printCheck(client: string, { kind, compared, count, unequal, repaired }: Check): void {
  const equal = Math.max(0, count - unequal.length);
  const mark = unequal.length === 0 ? "✓" : "✗";
  write(`  ${mark} ${kind.padEnd(17)} ${`${equal}/${count}`.padStart(7)}  ${compared}\n`);
  for (const { name, offset, theirs, ours } of unequal.slice(0, PRINTED)) {
    write(`      ${name} differs at character ${offset}:\n`);
    write(`        ${client.padEnd(9)} ${JSON.stringify(theirs)}\n`);
    write(`        ours      ${JSON.stringify(ours)}\n`);
  }
  if (unequal.length > PRINTED) write(`      and ${unequal.length - PRINTED} more\n`);
  const kinds = Map.groupBy(repaired, (why) => why.replace(/^Invalid request: |[<'"\d].*$/g, ""));
  for (const [why, list] of kinds) write(`      repaired ${list.length}: ${why.trim()}\n`);
}

/** Prints the deviations and the total; returns whether nothing else differs. */
export function printEnd({ client, met, checks }: Run): boolean {
  write("\nDifferent on purpose, and not counted as equal:\n\n");
  for (const { id, what } of deviationsOf(client)) {
    write(`  · ${id.padEnd(17)} ${what}\n`);
    const seen = [...met.get(id) ?? []];
    if (seen.length > 0) write(`${" ".repeat(22)}met here: ${seen.join(", ")}\n`);
  }
  const count = checks.reduce((sum, check) => sum + check.count, 0);
  const unequal = checks.reduce((sum, check) => sum + check.unequal.length, 0);
  write(`\n${client} parity ${count - unequal}/${count}\n`);
  return unequal === 0;
}
