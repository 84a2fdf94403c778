/** Chooses an effort that a model has. */

/** Whether a model thinks on request, always, or never. */
export type ThinkingType = "both" | "only" | "no";

/** What is known of a model's thinking. */
export interface ModelAbilities {
  /** Whether it thinks; absent if unknown. */
  readonly thinking?: ThinkingType;
  /** The efforts that it accepts, in the service's order; absent if unknown. */
  readonly efforts?: readonly string[];
  /** The effort that the service names for a request that chooses none; absent if unknown. */
  readonly defaultEffort?: string;
}

/** Efforts of this and other services, cheapest first. */
const SCALE = ["minimal", "low", "medium", "high", "xhigh", "max"];

/**
 * Returns the model's effort that is nearest to the chosen one; of two equally near ones the cheaper,
 * because the plan is charged for thinking. `undefined` leaves the choice to the service. If the
 * model's efforts are unknown, the chosen one is returned.
 *
 * @param chosen `off`, or the name of an effort.
 * @example
 * ```ts
 * import { fittingEffort } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const k3 = { thinking: "only", efforts: ["low", "high", "max"] } as const;
 * assertEquals(fittingEffort("medium", k3), "low");
 * assertEquals(fittingEffort("off", k3), "low");
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

/** Returns the cheapest effort of a model, or `undefined` if none is known. */
export function lowestEffort({ efforts = [] }: ModelAbilities): string | undefined {
  return inOrder(efforts)[0];
}

/** Returns the effort of a question that needs no thinking; `undefined` leaves it to the service. */
export function cheapestEffort(abilities: ModelAbilities = {}): string | undefined {
  return abilities.thinking === "only" ? lowestEffort(abilities) : "off";
}

/** The known efforts, cheapest first. */
function inOrder(efforts: readonly string[]): readonly string[] {
  return SCALE.filter((effort) => efforts.includes(effort));
}
