import { isObject, type Json, list, object, objects, thinkingEnabled } from "./body.ts";

const ROLES = ["system", "user", "assistant", "tool"];

/** What kimi-code 2.1.0 sends to Kimi; MoonshotAI/kimi-cli#2017 has the refusal of another type. */
const IMAGES = ["png", "jpeg", "gif", "webp", "bmp", "heic", "heif"].map((type) => `image/${type}`);

function contentRefusal(content: unknown): string | undefined {
  const parts = list(content);
  if (content === "" || parts.some((part) => object(part).text === "")) {
    return "Invalid request: text content is empty";
  }
  for (const part of objects(content)) {
    if (part.type !== "image_url") continue;
    const url = object(part.image_url).url;
    if (typeof url !== "string" || !/^(data:|ms:\/\/)/.test(url)) {
      return `Invalid request: unsupported image url: ${String(url).slice(0, 60)}`;
    }
    const [, type] = /^data:(image\/[^;,]+)/.exec(url.slice(0, 100)) ?? [];
    if (type !== undefined && !IMAGES.includes(type)) {
      return `Invalid request: unsupported image format: ${type}`;
    }
  }
  return undefined;
}

function isEmptyContent(content: unknown): boolean {
  return content === undefined || content === null || content === "" ||
    (Array.isArray(content) && content.length === 0);
}

function assistantRefusal(message: Json, index: number, thinking: boolean): string | undefined {
  const calls = objects(message.tool_calls);
  const reasoning = message.reasoning_content;
  if (calls.length === 0) {
    if (!isEmptyContent(message.content) || (reasoning ?? "") !== "") return undefined;
    return `Invalid request: the message at position ${index} with role 'assistant' ` +
      "must not be empty";
  }
  if (thinking && typeof reasoning !== "string") {
    return "thinking is enabled but reasoning_content is missing in assistant tool call " +
      `message at index ${index}`;
  }
  for (const { id } of calls) {
    if (typeof id !== "string" || id === "") return "Invalid request: tool_call id is missing";
    if (id.length > 64) return `Invalid request: tool_call id is longer than 64: ${id}`;
  }
  return undefined;
}

function oneRefusal(
  message: Json,
  index: number,
  thinking: boolean,
  known: ReadonlySet<unknown>,
): string | undefined {
  const { role, content, tool_call_id } = message;
  if (typeof role !== "string" || !ROLES.includes(role)) {
    return `Invalid request: role '${String(role)}' of the message at position ${index} ` +
      "is not supported";
  }
  if (role === "assistant") {
    return assistantRefusal(message, index, thinking) ?? contentRefusal(content);
  }
  if (role === "tool" && !known.has(tool_call_id)) {
    return `Invalid request: tool_call_id ${String(tool_call_id)} is not found`;
  }
  if (isEmptyContent(content)) return "Invalid request: text content is empty";
  return contentRefusal(content);
}

/** Returns why the service would refuse these messages. */
export function refuseMessages(body: Json): string | undefined {
  const messages = list(body.messages);
  if (messages.length === 0) return "Invalid request: messages must not be empty";
  const thinking = thinkingEnabled(body);
  const known = new Set<unknown>();
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) return `Invalid request: message ${index} is not an object`;
    const refusal = oneRefusal(message, index, thinking, known);
    if (refusal !== undefined) return refusal;
    for (const { id } of objects(message.tool_calls)) known.add(id);
  }
  return undefined;
}
