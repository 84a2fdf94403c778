/** Families of cases: what a client's own code returns for them, and our modules. */

import type { Pair } from "./run.ts";

/** Cases, or results, by the name of their job. */
export type Jobs = Readonly<Record<string, readonly unknown[]>>;

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
  { job, cases, ours }: Family,
  results: Jobs,
): Promise<readonly Pair[]> {
  return await Promise.all(
    cases().map(async (given, index) => ({
      name: nameOf(given, index),
      theirs: textOf(results[job]?.[index]),
      ours: textOf(await ours(given)),
    })),
  );
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
