/** Converts messages to a client's form and estimates their tokens. */

import { shortCallId } from "../chat/call_ids.ts";
import { judgeImage } from "../chat/images.ts";
import { isObject, type JsonObject, objectOf, text } from "../util/json.ts";
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
  /** A line for each image that was left out. */
  readonly notes: Set<string>;
}

/** What a conversion depends on, and what it adds to. */
export interface MessageContext {
  readonly form: MessageForm;
  readonly isThinking: boolean;
  readonly totals: MessageTotals;
}

/** Estimated tokens of the role's name. */
function roleTokens(role: unknown): number {
  return role === "assistant" ? 3 : role === "system" ? 2 : 1;
}

/**
 * Converts a repaired message, or returns `undefined` if it is empty and left out. While the model is
 * thinking, the service refuses a message with tool calls and no reasoning.
 *
 * @see kosong 0.56.0 `chat_provider/kimi.py`: `_convert_message`
 * @see kimi-cli 1.51.0 `llm.py`: `_estimate_message_tokens`
 */
export function convertMessage(
  message: JsonObject,
  context: MessageContext,
): JsonObject | undefined {
  const { form, totals } = context;
  const { role } = message;
  const before = totals.tokens;
  totals.tokens += roleTokens(role);
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

function convertAssistant(
  message: JsonObject,
  context: MessageContext,
): JsonObject | undefined {
  const { form, isThinking, totals } = context;
  const calls: readonly unknown[] = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  const reasoning = typeof message.reasoning_content === "string"
    ? countText(message.reasoning_content, totals)
    : undefined;
  const content = convertContent(message.content, context);
  const converted: Record<string, unknown> = { role: "assistant" };
  if (calls.length > 0) {
    if (!isBlankContent(content, form)) converted.content = content;
    converted.tool_calls = calls.map((call) => convertCall(objectOf(call), context));
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

function convertCall(call: JsonObject, { form, totals }: MessageContext): JsonObject {
  const { name, arguments: args } = objectOf(call.function);
  const converted: Record<string, unknown> = { name: countIfText(name, totals) };
  if (args !== undefined && args !== null) converted.arguments = countIfText(args, totals);
  return form.toolCall(call.type ?? "function", callId(text(call.id) ?? "", totals), converted);
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
  const parts: JsonObject[] = [];
  for (const part of content) {
    const converted = convertPart(part, context);
    if (converted !== undefined) parts.push(converted);
  }
  const only = parts.length === 1 ? parts[0]?.text : undefined;
  return typeof only === "string" ? only : parts;
}

/** Returns `undefined` for an empty text part: the service refuses it. */
function convertPart(part: JsonObject, context: MessageContext): JsonObject | undefined {
  const type = String(part.type);
  if (type === "text") return textPart(String(part.text), context);
  const { url, id } = objectOf(part[type]);
  return typeof url === "string" ? mediaPart(type, url, id, context) : undefined;
}

function textPart(text: string, { form, totals }: MessageContext): JsonObject | undefined {
  if (text === "" || (form.dropsBlank && form.isBlank(text))) return undefined;
  return { type: "text", text: countMessageText(text, totals) };
}

function mediaPart(
  type: string,
  given: string,
  id: unknown,
  context: MessageContext,
): JsonObject | undefined {
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
