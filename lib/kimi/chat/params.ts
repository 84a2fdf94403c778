/** Request fields for thinking and effort. */

import { isObject, type JsonObject, text } from "../util/json.ts";

/** The `thinking` field. Further members, such as `keep`, follow `type`. */
export interface Thinking {
  /** Whether the model thinks before it answers. */
  readonly type: "enabled" | "disabled";
  /** Other members that the user wrote. */
  readonly [member: string]: unknown;
}

/** The two fields of an effort, which belong together. */
export interface EffortFields {
  /** Absent if the model cannot think and the user chose nothing. */
  readonly thinking?: Thinking;
  /** Absent if thinking is off, or on without a chosen effort. */
  readonly reasoning_effort?: string;
}

/** The efforts that a user can choose for kimi-for-coding, cheapest first. */
export const THINKING_EFFORTS: readonly string[] = ["off", "low", "medium", "high", "max"];

/** Names of other services for thinking that is off. */
const OFF = new Set(["off", "none", "disabled"]);

/**
 * Returns the effort that request fields choose: `off`, the name of an effort, or `undefined`.
 *
 * @example
 * ```ts
 * import { chosenEffort } from "@kimi/full/protocol";
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
 * Returns `thinking`, and `reasoning_effort` if an effort was chosen.
 *
 * @param effort `off`, the name of an effort, or `undefined` for the service's own choice.
 * @param members Further members of `thinking`, such as `keep`; not sent if thinking is off.
 * @example
 * ```ts
 * import { effortFields } from "@kimi/full/protocol";
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
