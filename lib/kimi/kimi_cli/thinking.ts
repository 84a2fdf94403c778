/** Chooses the fields for thinking and effort as kimi-cli does. */

import type { BodyContext } from "../chat/body.ts";
import { fittingEffort } from "../chat/efforts.ts";
import { chosenEffort, type EffortFields, effortFields } from "../chat/params.ts";
import { isObject, type JsonObject, printable } from "../util/json.ts";

/** Returns `thinking` and `reasoning_effort`, which go in pairs if an effort was chosen. */
export function pairedFields(
  body: JsonObject,
  { abilities = {}, canThink, settings }: BodyContext,
  notes: Set<string>,
): EffortFields {
  const chosen = chosenEffort(body);
  const members = isObject(body.thinking) ? body.thinking : {};
  const isOpen = chosen === undefined && body.thinking === undefined;
  const never = abilities.thinking === "no";
  if (never || (isOpen && canThink === false)) {
    if (never && chosen !== undefined && chosen !== "off") {
      notes.add(`the effort "${printable(chosen)}" was left out: ${body.model} does not think`);
    }
    return {};
  }
  const effort = chosen === undefined ? undefined : fittingEffort(chosen, abilities);
  if (effort !== chosen) notes.add(effortNote(body.model, chosen, effort));
  const keep = settings.thinkingKeep === undefined ? {} : { keep: settings.thinkingKeep };
  return effortFields(effort, { ...keep, ...members });
}

function effortNote(model: unknown, chosen?: string, effort?: string): string {
  const why = chosen === "off" ? "always thinks" : "does not have it";
  const what = effort === undefined ? "left out" : `replaced by "${effort}"`;
  return `the effort "${printable(chosen)}" was ${what}: ${model} ${why}`;
}
