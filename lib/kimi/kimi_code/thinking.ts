/** Chooses the `thinking` field as kimi-code does. Source: kimi-code 2.1.0 `llm-adapter/model/thinking.ts`. */

import type { BodyContext } from "../chat/body.ts";
import type { ModelAbilities } from "../chat/efforts.ts";
import { chosenEffort, type EffortFields } from "../chat/params.ts";
import { isObject, type JsonObject, printable, text } from "../util/json.ts";

/** Returns `thinking {type, effort, keep}`; `reasoning_effort` is never sent. */
export function thinkingField(
  body: JsonObject,
  { abilities = {}, canThink, settings }: BodyContext,
  notes: Set<string>,
): EffortFields {
  const { type: _, effort: own, ...members } = isObject(body.thinking) ? body.thinking : {};
  const chosen = chosenEffort(body) ?? text(own);
  const isUnable = abilities.thinking === "no" ||
    (canThink === false && chosen === undefined && body.thinking === undefined);
  const isOff = chosen === "off" && abilities.thinking !== "only";
  const fitting = effortOf(chosen, abilities);
  const given = isUnable ? "off" : fitting;
  if (chosen !== undefined && !isOff && given !== chosen) {
    notes.add(
      `the effort "${printable(chosen)}" is replaced as kimi-code does: ${body.model} lacks it`,
    );
  }
  if (isUnable || isOff) return { thinking: { type: "disabled" } };
  const effort = settings.thinkingEffort ?? fitting;
  const keep = keepOf(settings.thinkingKeep);
  return {
    thinking: {
      type: "enabled",
      ...(effort === undefined ? {} : { effort }),
      ...(keep === undefined ? {} : { keep }),
      ...members,
    },
  };
}

/** The chosen effort if the model has it, else the model's default, else the one in the middle. */
function effortOf(
  chosen: string | undefined,
  { efforts, defaultEffort }: ModelAbilities,
): string | undefined {
  if (efforts === undefined) return chosen === "off" ? undefined : chosen;
  if (chosen !== undefined && efforts.includes(chosen)) return chosen;
  if (defaultEffort !== undefined && efforts.includes(defaultEffort)) return defaultEffort;
  return efforts[Math.floor(efforts.length / 2)];
}

/** Values of `KIMI_MODEL_THINKING_KEEP` that send none. */
const NO_KEEP = new Set(["0", "false", "no", "off", "none", "null"]);

function keepOf(setting = ""): string | undefined {
  const keep = setting.trim();
  if (keep === "") return "all";
  return NO_KEEP.has(keep.toLowerCase()) ? undefined : keep;
}
