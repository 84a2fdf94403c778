/** What the processes of the chaos share: orders on stdin, reports on stdout, a clock that is ahead. */

import type { Environment } from "../../../../lib/client/environment.ts";
import { systemEnvironment } from "../../../../lib/runtime/environment.ts";

/** A round: how far the clock is ahead, in milliseconds. */
export interface Order {
  readonly ahead: number;
}

/** What came of the questions of a round: "done", or why not. */
export interface Report {
  readonly outcomes: readonly string[];
}

/** Asks in each round that the parent orders; ends with stdin. */
export async function obey(
  make: (environment: Environment) => Promise<() => Promise<readonly string[]>>,
): Promise<void> {
  let ahead = 0;
  const environment = { ...systemEnvironment(), now: () => Date.now() + ahead };
  const ask = await make(environment);
  await print({ outcomes: [] });
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  for await (const text of lines) {
    const order: Order = JSON.parse(text);
    ahead = order.ahead;
    await print({ outcomes: await ask() });
  }
  Deno.exit(0);
}

async function print(report: Report): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(report)}\n`));
}
