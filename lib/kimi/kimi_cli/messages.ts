/**
 * opencode's messages as kimi-cli writes them, and how many tokens they are taken for.
 *
 * @see kosong 0.56.0 `chat_provider/kimi.py`: `_convert_message`
 * @see kimi-cli 1.51.0 `llm.py`: `_estimate_message_tokens`
 * @module
 */

import { estimateTokens, MEDIA_TOKENS, type TextSize, textSize, tokensOf } from "./token_budget.ts";
import { refusedImage } from "../chat/images.ts";
import { isPythonBlank } from "../util/python.ts";
import { isObject, type JsonObject } from "../util/json.ts";

/** The service refuses a longer id. Source: the API's error reference. */
const MAX_CALL_ID = 64;

/** What {@linkcode convertMessage} adds up over the messages of a request. */
export interface Tally {
  /** Estimated tokens of all that a message holds. */
  tokens: number;
  /** Code points of the text parts alone. */
  textPoints: number;
  /** Length of the media in the message, in characters. */
  mediaLength: number;
  /** A line for each thing that was passed on without being understood. */
  readonly notes: Set<string>;
}

/** Estimated tokens of the role's own name. */
const ROLE_TOKENS: ReadonlyMap<unknown, number> = new Map([
  ["system", 2],
  ["user", 1],
  ["assistant", 3],
  ["tool", 1],
]);

/**
 * Converts one message.
 *
 * @param message A message of an OpenAI-shaped request.
 * @param thinks Whether thinking is on: the service then refuses a tool-call message without
 * reasoning.
 * @param tally Added to.
 * @returns The message as it is sent, or undefined where it says nothing and is left out. One of an
 * unknown role is returned as it is.
 */
export function convertMessage(
  message: unknown,
  thinks: boolean,
  tally: Tally,
): unknown {
  if (!isObject(message)) return unknownMessage(message, "a message that is no object", tally);
  const role = message.role;
  const tokens = ROLE_TOKENS.get(role);
  if (tokens === undefined) return unknownMessage(message, "a message of an unknown role", tally);
  if (isObject(message.content)) {
    return unknownMessage(message, "a message with content of an unknown form", tally);
  }
  const before = tally.tokens;
  tally.tokens += tokens;
  if (role === "assistant") {
    const converted = convertAssistant(message, thinks, tally);
    if (converted === undefined) tally.tokens = before;
    return converted;
  }
  const content = convertContent(message.content, tally);
  const converted: Record<string, unknown> = { role };
  if (content !== undefined) converted.content = content;
  if (role === "tool" && typeof message.tool_call_id === "string") {
    converted.tool_call_id = callId(message.tool_call_id, tally);
  }
  return converted;
}

function unknownMessage(message: unknown, what: string, tally: Tally): unknown {
  tally.notes.add(`${what} was passed on as it is`);
  return message;
}

function convertAssistant(
  message: JsonObject,
  thinks: boolean,
  tally: Tally,
): JsonObject | undefined {
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  const reasoning = typeof message.reasoning_content === "string"
    ? countedText(message.reasoning_content, tally)
    : undefined;
  const content = convertContent(message.content, tally);
  const converted: Record<string, unknown> = { role: "assistant" };
  if (calls.length > 0) {
    if (!isBlankContent(content)) converted.content = content;
    converted.tool_calls = calls.map((call) => convertCall(call, tally));
    if (reasoning !== undefined) converted.reasoning_content = reasoning;
    else if (thinks) converted.reasoning_content = "";
    return converted;
  }
  const says = content !== undefined && content.length > 0;
  if (!says && !reasoning) return undefined;
  converted.content = says ? content : [];
  if (reasoning !== undefined) converted.reasoning_content = reasoning;
  return converted;
}

type Content = string | readonly unknown[] | undefined;

function isBlankContent(content: Content): boolean {
  if (content === undefined) return true;
  if (typeof content === "string") return isPythonBlank(content);
  return content.every((part) =>
    isObject(part) && part.type === "text" && typeof part.text === "string" &&
    isPythonBlank(part.text)
  );
}

function convertCall(call: unknown, tally: Tally): unknown {
  if (!isObject(call) || !isObject(call.function) || typeof call.id !== "string") {
    tally.notes.add("a tool call of an unknown shape was passed on as it is");
    return call;
  }
  const { name, arguments: args } = call.function;
  const converted: Record<string, unknown> = { name: counted(name, tally) };
  if (args !== undefined && args !== null) converted.arguments = counted(args, tally);
  return { type: call.type ?? "function", id: callId(call.id, tally), function: converted };
}

function counted(value: unknown, tally: Tally): unknown {
  return typeof value === "string" ? countedText(value, tally) : value;
}

function countedText(value: string, tally: Tally): string {
  const size = textSize(value);
  tally.tokens += tokensOf(size);
  return wellFormed(value, size);
}

/** The service takes no lone surrogate, which JSON would hold as an escape. */
function wellFormed(value: string, size: TextSize): string {
  return size.other === 0 || value.isWellFormed() ? value : value.toWellFormed();
}

/** A text part; text of the conversation counts for what is pending too. */
function messageText(value: string, tally: Tally): string {
  const size = textSize(value);
  tally.tokens += tokensOf(size);
  tally.textPoints += size.ascii + size.other;
  return wellFormed(value, size);
}

function convertContent(content: unknown, tally: Tally): Content {
  if (typeof content === "string") return messageText(content, tally);
  if (content === undefined || content === null) return undefined;
  if (!Array.isArray(content)) return undefined;
  const parts: unknown[] = [];
  for (const part of content) {
    const converted = convertPart(part, tally);
    if (converted !== undefined) parts.push(converted);
  }
  const [only] = parts;
  if (parts.length === 1 && isObject(only) && only.type === "text") {
    return typeof only.text === "string" ? only.text : parts;
  }
  return parts;
}

/** Parts that hold a URL, under a member of the part's own name. */
const MEDIA_PARTS = new Set(["image_url", "audio_url", "video_url"]);

/** An empty text part is left out: the service refuses it. */
function convertPart(part: unknown, tally: Tally): unknown {
  if (isObject(part)) {
    const { type } = part;
    if (type === "text" && typeof part.text === "string") return textPart(part.text, tally);
    const media = typeof type === "string" && MEDIA_PARTS.has(type) ? part[type] : undefined;
    if (typeof type === "string" && isObject(media) && typeof media.url === "string") {
      return mediaPart(type, media.url, media.id, tally);
    }
    tally.tokens += MEDIA_TOKENS;
  }
  tally.notes.add("a message part of an unknown type was passed on as it is");
  return part;
}

function textPart(text: string, tally: Tally): unknown {
  return text === "" ? undefined : { type: "text", text: messageText(text, tally) };
}

function mediaPart(type: string, url: string, id: unknown, tally: Tally): unknown {
  const refused = type === "image_url" ? refusedImage(url) : undefined;
  if (refused !== undefined) {
    tally.notes.add(refused);
    return textPart(`[${refused}]`, tally);
  }
  tally.tokens += MEDIA_TOKENS;
  tally.mediaLength += url.length;
  return { type, [type]: { url, id: typeof id === "string" ? id : null } };
}

/** The same id is shortened to the same one in a call and in its answer. */
function callId(id: string, tally: Tally): string {
  const short = id.length <= MAX_CALL_ID ? id : shortenCallId(id);
  tally.tokens += estimateTokens(short);
  return short.isWellFormed() ? short : short.toWellFormed();
}

/**
 * @param id A tool-call id of any length.
 * @returns 64 characters: the id's beginning, and a hash of the whole.
 */
export function shortenCallId(id: string): string {
  // FNV-1a, 32 bits, twice with different offsets.
  let [first, second] = [0x811c9dc5, 0x050c5d1f];
  for (let index = 0; index < id.length; index++) {
    const code = id.charCodeAt(index);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ code, 0x01000193);
  }
  const hash = [first, second].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  return `${id.slice(0, MAX_CALL_ID - hash.length - 1)}_${hash}`;
}
