import { isObject, type Json, object, objects } from "../body.ts";
import { refuseName } from "../tools.ts";

const MAX_ID = 64; // reported by users of Kimi's API

function isJsonObject(text: unknown): boolean {
  try {
    return typeof text === "string" && isObject(JSON.parse(text));
  } catch {
    return false;
  }
}

/** Why the service would refuse a call of an assistant message; its id is looked at alone. */
export function refuseCall(call: Json): string | undefined {
  const { id, type } = call;
  const { name, arguments: input } = object(call.function);
  if (typeof id !== "string" || id === "") return "Invalid request: tool_call id is missing";
  if (id.length > MAX_ID) {
    return `Invalid request: tool_call id is longer than ${MAX_ID}: ${id}`;
  }
  // OpenAI's SDKs write the calls of a builtin function like any other.
  const isNamed = type === "function" && refuseName(name, "builtin_function") === undefined;
  // Users of other clients report that arguments in another form end a session for good.
  return (isNamed ? undefined : refuseName(name, type)) ??
    (isJsonObject(input)
      ? undefined
      : `Invalid request: the arguments of tool call ${id} are not a JSON object`);
}

/**
 * Why the service would refuse the pairs of calls and answers: an id used twice
 * (openclaw/openclaw#51155, #84730), a call without an answer right after its message
 * (MoonshotAI/kimi-cli#1977, #2405), an answer without a call (langbot-app/LangBot#1040).
 */
export function refusePairs(messages: readonly Json[]): string | undefined {
  const used = new Set<unknown>();
  const open = new Set<unknown>();
  const unanswered = () =>
    open.size === 0
      ? undefined
      : "an assistant message with 'tool_calls' must be followed by tool messages responding to " +
        "each 'tool_call_id'. The following tool_call_ids did not have response messages: " +
        [...open].join(", ");
  for (const { role, tool_call_id, tool_calls } of messages) {
    if (role === "tool") {
      if (open.delete(tool_call_id)) continue;
      return `Invalid request: tool_call_id ${String(tool_call_id)} is not found`;
    }
    const refusal = unanswered();
    if (refusal !== undefined) return refusal;
    for (const { id } of objects(tool_calls)) {
      if (used.has(id)) return `Invalid request: tool call id ${String(id)} is duplicated`;
      used.add(id);
      open.add(id);
    }
  }
  return unanswered();
}
