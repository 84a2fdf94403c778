/**
 * Efforts that a model has, and which of them stands in for another.
 *
 * @module
 */

/** Whether a model thinks if it is asked to, always, or never. */
export type ThinkingType = "both" | "only" | "no";

/** What is known of a model's thinking. */
export interface ModelAbilities {
  /** Whether it thinks; absent where it is not known. */
  readonly thinking?: ThinkingType;
  /** Efforts that it can be asked for, in the service's order; absent where they are not known. */
  readonly efforts?: readonly string[];
}

/** Cheapest first; names of other services among them. */
const SCALE = ["minimal", "low", "medium", "high", "xhigh", "max"];

/**
 * Finds the effort that a model has in the place of one that was chosen: the nearest, and of two that
 * are as near the cheaper one, since the plan is charged for it.
 *
 * @param chosen `off`, or the name of an effort.
 * @param abilities What is known of the model.
 * @returns An effort of the model, `off`, or undefined for the service's own choice. Of a model that is
 * not known, what was chosen.
 * @example
 * ```ts
 * import { fittingEffort } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const k3 = { thinking: "only", efforts: ["low", "high", "max"] } as const;
 * assertEquals(fittingEffort("high", k3), "high");
 * assertEquals(fittingEffort("medium", k3), "low");
 * assertEquals(fittingEffort("off", k3), "low");
 * assertEquals(fittingEffort("medium", {}), "medium");
 * ```
 */
export function fittingEffort(chosen: string, abilities: ModelAbilities): string | undefined {
  const { thinking, efforts } = abilities;
  if (chosen === "off") return thinking === "only" ? lowestEffort(abilities) : "off";
  if (efforts === undefined || efforts.includes(chosen)) return chosen;
  const wanted = SCALE.indexOf(chosen);
  if (wanted === -1) return undefined;
  const distance = (effort: string) => Math.abs(SCALE.indexOf(effort) - wanted);
  return inOrder(efforts).reduce<string | undefined>(
    (best, effort) => best === undefined || distance(effort) < distance(best) ? effort : best,
    undefined,
  );
}

/**
 * The cheapest effort of a model.
 *
 * @param abilities What is known of the model.
 * @returns The effort, or undefined where none is known.
 */
export function lowestEffort({ efforts = [] }: ModelAbilities): string | undefined {
  return inOrder(efforts)[0];
}

/** Those whose place is known, cheapest first. */
function inOrder(efforts: readonly string[]): readonly string[] {
  return SCALE.filter((effort) => efforts.includes(effort));
}
