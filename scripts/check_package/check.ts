/** Checks of the package, run side by side and printed in order. */

import type { Write } from "../shared/write.ts";

export interface Check {
  /** What the check finds to be true. */
  readonly holds: string;
  /** Returns what it saw in a few words, and throws if the check fails. */
  readonly run: () => Promise<string>;
}

/** Thrown by a check that cannot run on this machine. */
export class Skipped extends Error {
  override readonly name = "Skipped";
}

/** Checks that run at a time: each is mostly one process, and CI has few cores. */
const AT_ONCE = Math.max(2, navigator.hardwareConcurrency);

/** Runs checks, writes a line for each, and returns how many failed. */
export async function runChecks(checks: readonly Check[], write: Write): Promise<number> {
  const waiting = checks.map((check) => ({ check, ...Promise.withResolvers<Outcome>() }));
  const outcomes = waiting.map(({ promise }) => promise);
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      next.resolve(await outcomeOf(next.check));
    }
  };
  for (let worker = 0; worker < AT_ONCE; worker++) work();
  let failed = 0;
  for (const outcome of outcomes) {
    const { mark, holds, seen, seconds } = await outcome;
    if (mark === "✗") failed++;
    write(`  ${mark} ${holds.padEnd(58)} ${seconds.toFixed(1).padStart(5)} s  ${seen}\n`);
  }
  return failed;
}

interface Outcome {
  readonly mark: "✓" | "✗" | "-";
  readonly holds: string;
  readonly seen: string;
  readonly seconds: number;
}

async function outcomeOf({ holds, run }: Check): Promise<Outcome> {
  const started = performance.now();
  const outcome = (mark: Outcome["mark"], seen: string): Outcome => {
    return { mark, holds, seen, seconds: (performance.now() - started) / 1000 };
  };
  try {
    return outcome("✓", await run());
  } catch (error) {
    if (error instanceof Skipped) return outcome("-", `skipped: ${error.message}`);
    const message = error instanceof Error ? error.message : String(error);
    return outcome("✗", `\n      ${message.trim().replaceAll("\n", "\n      ")}`);
  }
}

/** Makes a value when it is first asked for. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => made ??= make();
}
