/**
 * A run of the parity check: what it works with, and what it has found.
 *
 * @module
 */
import { type Check, check, type Pair } from "./compare.ts";
import type { DeviationId } from "../../lib/kimi/deviations.ts";
import type { KimiCli } from "./python.ts";
import { printCheck } from "./report.ts";

/** A run. */
export interface Run {
  readonly kimi: KimiCli;
  /** A temporary folder. */
  readonly home: string;
  /** The lines of the table so far. */
  readonly checks: readonly Check[];
  /** Deviations that were met, and where. */
  readonly met: ReadonlyMap<DeviationId, ReadonlySet<string>>;
  /** Compares, and prints a line of the table. */
  readonly add: (kind: string, compared: string, pairs: readonly Pair[]) => void;
  /** Notes that a deviation was met. */
  readonly meet: (id: DeviationId, where: string) => void;
}

/** Starts a run. */
export function startRun(kimi: KimiCli, home: string): Run {
  const checks: Check[] = [];
  const met = new Map<DeviationId, Set<string>>();
  return {
    kimi,
    home,
    checks,
    met,
    add(kind, compared, pairs) {
      const made = check(kind, compared, pairs);
      checks.push(made);
      printCheck(made);
    },
    meet: (id, where) => void met.set(id, new Set([...met.get(id) ?? [], where])),
  };
}
