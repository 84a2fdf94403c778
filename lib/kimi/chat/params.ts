/**
 * The request fields that follow from a choice of the user: effort and session.
 *
 * @module
 */

import { isObject, type JsonObject, text } from "../util/json.ts";

/** The `thinking` field. Further members, such as `keep`, follow `type`. */
export interface Thinking {
  /** Whether the model thinks before it answers. */
  readonly type: "enabled" | "disabled";
  /** Anything else that the user wrote. */
  readonly [member: string]: unknown;
}

/** The two fields that are sent in pairs. */
export interface EffortFields {
  /** Absent where the model cannot think and nobody chose. */
  readonly thinking?: Thinking;
  /** Absent where thinking is off, or on without a choice. */
  readonly reasoning_effort?: string;
}

/**
 * Efforts that a user may name for kimi-for-coding, cheapest first.
 *
 * @example
 * ```ts
 * import { effortFields, THINKING_EFFORTS } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const [cheapest] = THINKING_EFFORTS;
 * assertEquals(effortFields(cheapest), { thinking: { type: "disabled" } });
 * ```
 */
export const THINKING_EFFORTS: readonly string[] = ["off", "low", "medium", "high", "max"];

/** Names that other services have for no thinking at all. */
const OFF = new Set(["off", "none", "disabled"]);

/**
 * The effort that a set of request fields stands for.
 *
 * @param fields Fields as opencode's SDK sends them, or as a user wrote them.
 * @returns `off`, the name of an effort, or undefined where nothing was chosen.
 * @example
 * ```ts
 * import { chosenEffort } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(chosenEffort({ reasoning_effort: "high" }), "high");
 * assertEquals(chosenEffort({ thinking: { type: "disabled" } }), "off");
 * assertEquals(chosenEffort({}), undefined);
 * ```
 */
export function chosenEffort(fields: JsonObject): string | undefined {
  if (isObject(fields.thinking) && fields.thinking.type === "disabled") return "off";
  const effort = text(fields.reasoning_effort);
  return effort !== undefined && OFF.has(effort) ? "off" : effort;
}

/**
 * The paired fields of an effort.
 *
 * @param effort `off`, the name of an effort, or undefined for the service's own choice.
 * @param members Further members of `thinking`, such as `keep`; sent only while thinking is on.
 * @returns `thinking`, and `reasoning_effort` where an effort was chosen.
 * @example
 * ```ts
 * import { effortFields } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(effortFields(undefined), { thinking: { type: "enabled" } });
 * assertEquals(effortFields("off"), { thinking: { type: "disabled" } });
 * assertEquals(effortFields("high"), { thinking: { type: "enabled" }, reasoning_effort: "high" });
 * ```
 */
export function effortFields(
  effort: string | undefined,
  members: JsonObject = {},
): EffortFields & { readonly thinking: Thinking } {
  if (effort === "off") return { thinking: { type: "disabled" } };
  const thinking: Thinking = Object.assign({ type: "enabled" }, members, {
    type: "enabled" as const,
  });
  return effort === undefined ? { thinking } : { thinking, reasoning_effort: effort };
}
