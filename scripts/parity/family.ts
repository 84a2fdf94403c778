/** Families of cases: what a client's own code returns for them, and our modules. */

import type { DeviationId } from "../../lib/kimi/deviations.ts";
import type { Pair } from "./run.ts";

/** Cases, or results, by the name of their job. */
export type Jobs = Readonly<Record<string, readonly unknown[]>>;

/** Cases that differ because of a deviation, and by nothing else. */
export interface Differing {
  readonly deviation: DeviationId;
  /** The names of the cases. */
  readonly cases: RegExp;
  /** What differs: without it, both results are equal. */
  readonly apart: RegExp;
}

/** Cases of one kind. */
export interface Family {
  /** The job of the client's reference program, and the name of the golden file. */
  readonly job: string;
  readonly kind: string;
  readonly compared: string;
  /** Numbers of the contracts in AGENTS.md. */
  readonly contracts: readonly number[];
  /** The same in every run; JSON. */
  readonly cases: () => readonly unknown[];
  /** The result of our modules for a case; JSON. */
  readonly ours: (given: unknown) => unknown;
  readonly differing?: readonly Differing[];
}

interface TypedFamily<Case> extends Omit<Family, "cases" | "ours"> {
  readonly cases: () => readonly Case[];
  readonly ours: (given: Case) => unknown;
}

export function family<Case>(typed: TypedFamily<Case>): Family {
  return { ...typed, ours: (given) => typed.ours(given as Case) };
}

/** The client's results for all cases of a family, and ours. */
export async function familyPairs(
  { job, cases, ours, differing = [] }: Family,
  results: Jobs,
): Promise<readonly Pair[]> {
  return await Promise.all(
    cases().map(async (given, index) => {
      const name = nameOf(given, index);
      const pair = {
        name,
        theirs: textOf(results[job]?.[index]),
        ours: textOf(await ours(given)),
      };
      const known = differing.find(({ cases }) => cases.test(name));
      return known === undefined ? pair : apart(pair, known);
    }),
  );
}

/** Names the deviation if nothing else differs. */
function apart(pair: Pair, { deviation, apart }: Differing): Pair {
  const [theirs, ours] = [pair.theirs, pair.ours].map((text) => text.replaceAll(apart, ""));
  return theirs === ours ? { ...pair, deviation } : pair;
}

/** Returns bodies as they are, anything else as JSON. */
export function textOf(result: unknown): string {
  if (typeof result === "string") return result;
  if (Array.isArray(result) && result.every((item) => typeof item === "string")) {
    return result.join("\n");
  }
  return JSON.stringify(result);
}

function nameOf(given: unknown, index: number): string {
  const text = JSON.stringify(given);
  const named = /^\{"name":"([^"]+)"/.exec(text)?.[1];
  return named ?? `case ${index + 1} (${text.slice(0, 60)})`;
}
