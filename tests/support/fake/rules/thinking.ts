import { type Json, list, object, thinkingDisabled, toolNames } from "./body.ts";

/**
 * Why the service would refuse a choice of thinking. A model that always thinks refuses to be without
 * (users of kimi-for-coding-highspeed report it); /models lists the efforts of each.
 */
export function refuseThinking(body: Json, model: Json): string | undefined {
  const { thinking, reasoning_effort: effort } = body;
  const { type } = object(thinking);
  if (thinking !== undefined && type !== "enabled" && type !== "disabled") {
    return "invalid thinking: only type=enabled or type=disabled is allowed";
  }
  if (model.supports_thinking_type === "only" && type === "disabled") {
    return "invalid thinking: only type=enabled is allowed for this model";
  }
  if (effort === undefined) return undefined;
  const efforts = list(object(model.think_efforts).valid_efforts);
  if (type !== "enabled" || (efforts.length > 0 && !efforts.includes(effort))) {
    return `invalid reasoning_effort: ${JSON.stringify(effort)}`;
  }
  return undefined;
}

/** Why the service would refuse a choice of tools: HKUDS/nanobot#4967, MoonshotAI/kimi-cli#2035. */
export function refuseChoice(body: Json): string | undefined {
  const { tool_choice: choice } = body;
  if (choice === undefined || choice === "auto" || choice === "none") return undefined;
  if (!thinkingDisabled(body)) {
    const word = typeof choice === "string" ? choice : "specified";
    return `tool_choice '${word}' is incompatible with thinking enabled`;
  }
  const names = toolNames(body);
  const { name } = object(object(choice).function);
  const isForced = choice === "required" ? names.length > 0 : names.some((one) => one === name);
  return isForced ? undefined : `invalid tool_choice: ${JSON.stringify(choice)}`;
}
