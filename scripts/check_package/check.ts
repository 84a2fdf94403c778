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
      const started = performance.now();
      const [mark, seen] = await outcomeOf(next.check);
      next.resolve([mark, seen, ((performance.now() - started) / 1000).toFixed(1)]);
    }
  };
  for (let worker = 0; worker < AT_ONCE; worker++) work();
  let failed = 0;
  for (const [index, { holds }] of checks.entries()) {
    const [mark, seen, seconds] = await outcomes[index] ?? ["✗", "", ""];
    if (mark === "✗") failed++;
    write(`  ${mark} ${holds.padEnd(58)} ${seconds.padStart(5)} s  ${seen}\n`);
  }
  return failed;
}

type Outcome = readonly [mark: "✓" | "✗" | "-", seen: string, seconds: string];

async function outcomeOf({ run }: Check): Promise<readonly [mark: Outcome[0], seen: string]> {
  try {
    return ["✓", await run()];
  } catch (error) {
    if (error instanceof Skipped) return ["-", `skipped: ${error.message}`];
    const message = error instanceof Error ? error.message : String(error);
    return ["✗", `\n      ${message.trim().replaceAll("\n", "\n      ")}`];
  }
}

/** Makes a value when it is first asked for. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => made ??= make();
}
