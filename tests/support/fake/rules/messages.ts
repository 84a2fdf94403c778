import { isBlank, isObject, type Json, list, object, objects, thinkingEnabled } from "./body.ts";
import { refuseCall, refusePairs } from "./messages/calls.ts";
import { refuseImage } from "./messages/images.ts";

const ROLES = ["system", "user", "assistant", "tool"];

/** LLM-Red-Team/kimi-cc#23; for tool results also MoonshotAI/kimi-cli#1663 and #2621. */
const EMPTY = "Invalid request: text content is empty";

interface Thinking {
  readonly enabled: boolean;
  /** Kimi's guide to thinking models then asks for the reasoning of every earlier message. */
  readonly keepsAll: boolean;
}

/** MoonshotAI/kimi-cli#2035 has the refusal of an empty text beside a call. */
function refuseContent(content: unknown): string | undefined {
  if ((content ?? null) === null) return undefined;
  if (content === "" || (Array.isArray(content) && content.length === 0)) return EMPTY;
  if (typeof content !== "string" && !Array.isArray(content)) {
    return "Invalid request: content is neither a text nor a list";
  }
  for (const part of list(content)) {
    const refusal = refusePart(object(part));
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** kimi-cli sends these types alone. */
function refusePart(part: Json): string | undefined {
  const { type, text } = part;
  if (type === "text") return typeof text !== "string" || text === "" ? EMPTY : undefined;
  if (type === "image_url") return refuseImage(object(part.image_url).url);
  const isMedia = type === "audio_url" || type === "video_url";
  if (isMedia && typeof object(part[type]).url === "string") return undefined;
  return `Invalid request: content part of the type ${JSON.stringify(type)} is not supported`;
}

/** MoonshotAI/kimi-code#1985 (blank content), anomalyco/opencode#10996 (reasoning of calls). */
function refuseAssistant(message: Json, index: number, thinking: Thinking): string | undefined {
  const calls = objects(message.tool_calls);
  if (calls.length === 0 && isBlank(message.content)) {
    return `Invalid request: the message at position ${index} with role 'assistant' ` +
      "must not be empty";
  }
  const needed = thinking.keepsAll || (thinking.enabled && calls.length > 0);
  if (needed && typeof message.reasoning_content !== "string") {
    const kind = calls.length > 0 ? "assistant tool call" : "assistant";
    return `thinking is enabled but reasoning_content is missing in ${kind} message ` +
      `at index ${index}`;
  }
  for (const call of calls) {
    const refusal = refuseCall(call);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function refuseMessage(message: Json, index: number, thinking: Thinking): string | undefined {
  const { role, content } = message;
  if (typeof role !== "string" || !ROLES.includes(role)) {
    return `Invalid request: role '${String(role)}' of the message at position ${index} ` +
      "is not supported";
  }
  if (role === "assistant") {
    const refusal = refuseAssistant(message, index, thinking);
    if (refusal !== undefined) return refusal;
  } else if (role === "tool" ? isBlank(content) : (content ?? "") === "") return EMPTY;
  return refuseContent(content);
}

/** Returns why the service would refuse these messages. */
export function refuseMessages(body: Json): string | undefined {
  const messages = list(body.messages);
  if (messages.length === 0) return "Invalid request: messages must not be empty";
  const thinking = {
    enabled: thinkingEnabled(body),
    keepsAll: object(body.thinking).keep === "all",
  };
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) return `Invalid request: message ${index} is not an object`;
    const refusal = refuseMessage(message, index, thinking);
    if (refusal !== undefined) return refusal;
  }
  return refusePairs(objects(messages));
}
