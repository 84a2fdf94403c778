/**
 * What the bench is told on its command line.
 *
 * @module
 */
import { parseArgs } from "node:util";

/** What to measure. */
export interface Orders {
  /** Part of the names of the cells that are wanted. */
  readonly filter: string;
  /** Whether it only shows that everything runs. */
  readonly isQuick: boolean;
  /** Whether starts of opencode are timed too. */
  readonly starts: boolean;
}

/** What is printed where the orders are not understood. */
export const USAGE = "Usage: deno task bench [--filter TEXT] [--quick] [--starts]\n";

/** Gives undefined where they are not understood. */
export function readOrders(args: readonly string[]): Orders | undefined {
  const flag = { type: "boolean", default: false } as const;
  const text = { type: "string", default: "" } as const;
  try {
    const options = { filter: text, quick: flag, starts: flag };
    const { values } = parseArgs({ args: [...args], options });
    return { filter: values.filter, isQuick: values.quick, starts: values.starts };
  } catch {
    return undefined;
  }
}
