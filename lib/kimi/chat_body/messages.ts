/** Converts messages to a client's form and estimates their tokens. */

import { shortCallId } from "../chat/call_ids.ts";
import { judgeImage } from "../chat/images.ts";
import { isObject, type JsonObject } from "../util/json.ts";
import type { MessageForm } from "./format.ts";
import { estimateTokens, MEDIA_TOKENS, type TextSize, textSize, tokensOf } from "./tokens.ts";

/** Sums over the messages of a request. */
export interface MessageTotals {
  /** Estimated tokens of everything in the messages. */
  tokens: number;
  /** Code points of the text parts alone. */
  textPoints: number;
  /** Characters of the media URLs. */
  mediaLength: number;
  /** A line for everything that was passed on without being understood. */
  readonly notes: Set<string>;
}

/** What a conversion depends on, and what it adds to. */
export interface MessageContext {
  readonly form: MessageForm;
  readonly isThinking: boolean;
  readonly totals: MessageTotals;
}

/** Estimated tokens of the role's name. */
const ROLE_TOKENS: ReadonlyMap<unknown, number> = new Map([
  ["system", 2],
  ["user", 1],
  ["assistant", 3],
  ["tool", 1],
]);

/**
 * Converts a message, or returns `undefined` if it is empty and left out. A message of an unknown
 * role is returned as it is. While the model is thinking, the service refuses a message with tool
 * calls and no reasoning.
 *
 * @see kosong 0.56.0 `chat_provider/kimi.py`: `_convert_message`
 * @see kimi-cli 1.51.0 `llm.py`: `_estimate_message_tokens`
 */
export function convertMessage(message: unknown, context: MessageContext): unknown {
  const { form, totals } = context;
  const role = isObject(message) && !isObject(message.content) ? message.role : undefined;
  const tokens = ROLE_TOKENS.get(role);
  if (!isObject(message) || tokens === undefined) {
    return passOn(message, "a message of an unknown role or shape", totals);
  }
  const before = totals.tokens;
  totals.tokens += tokens;
  if (role === "assistant") {
    const converted = convertAssistant(message, context);
    if (converted === undefined) totals.tokens = before;
    return converted;
  }
  const content = convertContent(message.content, context);
  if (form.dropsBlank && role !== "tool" && isBlankContent(content, form)) {
    totals.tokens = before;
    return undefined;
  }
  const { tool_call_id: id } = message;
  if (role === "tool") {
    return form.toolResult(content, typeof id === "string" ? callId(id, totals) : undefined);
  }
  return content === undefined ? { role } : { role, content };
}

function passOn(value: unknown, what: string, totals: MessageTotals): unknown {
  totals.notes.add(`${what} was passed on as it is`);
  return value;
}

function convertAssistant(
  message: JsonObject,
  context: MessageContext,
): JsonObject | undefined {
  const { form, isThinking, totals } = context;
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  const reasoning = typeof message.reasoning_content === "string"
    ? countText(message.reasoning_content, totals)
    : undefined;
  const content = convertContent(message.content, context);
  const converted: Record<string, unknown> = { role: "assistant" };
  if (calls.length > 0) {
    if (!isBlankContent(content, form)) converted.content = content;
    converted.tool_calls = calls.map((call) => convertCall(call, context));
    if (reasoning !== undefined) converted.reasoning_content = reasoning;
    else if (isThinking) converted.reasoning_content = "";
    return converted;
  }
  const hasContent = content !== undefined && content.length > 0;
  if (!hasContent && !reasoning) return undefined;
  converted.content = hasContent ? content : [];
  if (reasoning !== undefined) converted.reasoning_content = reasoning;
  return converted;
}

type Content = string | readonly unknown[] | undefined;

function isBlankContent(content: Content, { isBlank }: MessageForm): boolean {
  if (content === undefined) return true;
  if (typeof content === "string") return isBlank(content);
  return content.every((part) =>
    isObject(part) && part.type === "text" && typeof part.text === "string" && isBlank(part.text)
  );
}

function convertCall(call: unknown, { form, totals }: MessageContext): unknown {
  if (!isObject(call) || !isObject(call.function) || typeof call.id !== "string") {
    return passOn(call, "a tool call of an unknown shape", totals);
  }
  const { name, arguments: args } = call.function;
  const converted: Record<string, unknown> = { name: countIfText(name, totals) };
  if (args !== undefined && args !== null) converted.arguments = countIfText(args, totals);
  return form.toolCall(call.type ?? "function", callId(call.id, totals), converted);
}

function countIfText(value: unknown, totals: MessageTotals): unknown {
  return typeof value === "string" ? countText(value, totals) : value;
}

function countText(value: string, totals: MessageTotals): string {
  const size = textSize(value);
  totals.tokens += tokensOf(size);
  return wellFormed(value, size);
}

/** The service refuses lone surrogates, which JSON would hold as escapes. */
function wellFormed(value: string, size: TextSize): string {
  return size.other === 0 || value.isWellFormed() ? value : value.toWellFormed();
}

/** Counts a text part, which counts towards the appended text too. */
function countMessageText(value: string, totals: MessageTotals): string {
  const size = textSize(value);
  totals.tokens += tokensOf(size);
  totals.textPoints += size.ascii + size.other;
  return wellFormed(value, size);
}

function convertContent(content: unknown, context: MessageContext): Content {
  if (typeof content === "string") return countMessageText(content, context.totals);
  if (!Array.isArray(content)) return undefined;
  const parts: unknown[] = [];
  for (const part of content) {
    const converted = convertPart(part, context);
    if (converted !== undefined) parts.push(converted);
  }
  const [only] = parts;
  if (parts.length === 1 && isObject(only) && only.type === "text") {
    return typeof only.text === "string" ? only.text : parts;
  }
  return parts;
}

/** Parts that hold a URL in a member named like their type. */
const MEDIA_PARTS = new Set(["image_url", "audio_url", "video_url"]);

/** Returns `undefined` for an empty text part: the service refuses it. */
function convertPart(part: unknown, context: MessageContext): unknown {
  const { totals } = context;
  if (isObject(part)) {
    const { type } = part;
    if (type === "text" && typeof part.text === "string") return textPart(part.text, context);
    const media = typeof type === "string" && MEDIA_PARTS.has(type) ? part[type] : undefined;
    if (typeof type === "string" && isObject(media) && typeof media.url === "string") {
      return mediaPart(type, media.url, media.id, context);
    }
    totals.tokens += MEDIA_TOKENS;
  }
  return passOn(part, "a message part of an unknown type", totals);
}

function textPart(text: string, { form, totals }: MessageContext): unknown {
  if (text === "" || (form.dropsBlank && form.isBlank(text))) return undefined;
  return { type: "text", text: countMessageText(text, totals) };
}

function mediaPart(type: string, given: string, id: unknown, context: MessageContext): unknown {
  const { form, totals } = context;
  const image = type === "image_url" ? judgeImage(given) : { url: given };
  if ("refused" in image) {
    totals.notes.add(image.refused);
    return textPart(`[${image.refused}]`, context);
  }
  const { url } = image;
  totals.tokens += MEDIA_TOKENS;
  totals.mediaLength += url.length;
  return { type, [type]: form.media(url, typeof id === "string" ? id : undefined) };
}

/** Shortens a long id, in the same way in a call and in its result. */
function callId(id: string, totals: MessageTotals): string {
  const short = id === "" ? id : shortCallId(id);
  totals.tokens += estimateTokens(short);
  return short;
}
