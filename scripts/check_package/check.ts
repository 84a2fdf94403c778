/**
 * Checks, and how they are run and printed.
 *
 * @module
 */
import type { Write } from "../parity/report.ts";

/** One check of the package. */
export interface Check {
  /** What holds, as its line says it. */
  readonly holds: string;
  /**
   * Gives what was seen, in a few words. Throws what does not hold, and a {@linkcode Skipped} where
   * this machine cannot tell.
   */
  readonly run: () => Promise<string>;
}

/** Why a check was not made. */
export class Skipped extends Error {
  override readonly name = "Skipped";
}

/** Checks that run at a time: each is mostly one process, and CI has few cores. */
const AT_ONCE = Math.max(2, navigator.hardwareConcurrency);

/**
 * Runs checks and writes a line for each, in their order.
 *
 * @param checks The checks; they may run at the same time.
 * @param write Takes the lines.
 * @returns How many of them failed.
 */
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
    const said = error instanceof Error ? error.message : String(error);
    return outcome("✗", `\n      ${said.trim().replaceAll("\n", "\n      ")}`);
  }
}

/**
 * Makes what several checks need, when the first of them asks for it.
 *
 * @param make Makes it.
 * @returns Gives it.
 */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => made ??= make();
}
