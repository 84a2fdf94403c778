/** The choice of tools, as the service takes it. */

import { isObject } from "../../util/json.ts";
import { toWireName } from "../tool_names.ts";

/** What a choice depends on. */
export interface ChoiceContext {
  /** Whether the model does not think. */
  readonly isOff: boolean;
  /** Names on the wire of the tools that are offered. */
  readonly names: ReadonlySet<string>;
  /** A line for what was dropped; added to. */
  readonly notes: Set<string>;
}

/**
 * The choice to send; `undefined` for the free one. The service accepts a forced choice only from a
 * model that does not think.
 */
export function wireChoice(choice: unknown, { isOff, names, notes }: ChoiceContext): unknown {
  if (!isForced(choice)) return undefined;
  if (!isOff) {
    notes.add("a forced tool choice was dropped: Kimi refuses it while the model thinks");
    return undefined;
  }
  const named = isObject(choice) && isObject(choice.function) ? choice.function.name : undefined;
  const name = typeof named === "string" ? toWireName(named) : undefined;
  if (choice === "required" && names.size > 0) return choice;
  if (name !== undefined && names.has(name)) return { type: "function", function: { name } };
  notes.add("a forced tool choice was dropped: it names no tool of the request");
  return undefined;
}

/** Whether a choice leaves the model less than all. */
export function isForced(choice: unknown): boolean {
  return choice !== undefined && choice !== null && choice !== "auto" && choice !== "none";
}
