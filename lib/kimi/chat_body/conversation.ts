/** Measures the messages of a request, and relates them to the last answer. */

import type { AnsweredConversation, Conversation } from "../chat/body.ts";
import { MAX_REQUEST_BYTES } from "../chat/images.ts";
import { KimiError } from "../errors/kimi_error.ts";
import type { JsonObject } from "../util/json.ts";
import type { MessageForm } from "./format.ts";
import { convertMessage, type MessageTotals } from "./messages.ts";

export type { AnsweredConversation, Conversation };

/** What {@linkcode measure} depends on besides the messages. */
export interface MeasureOptions {
  readonly form: MessageForm;
  readonly isThinking: boolean;
  /** The `prompt_cache_key` of the request, or "". */
  readonly cacheKey: string;
  /** The last answers, by {@linkcode Conversation.key}. */
  readonly answered: ReadonlyMap<string, AnsweredConversation>;
  /** Notes for the log are added to it. */
  readonly notes: Set<string>;
}

const IMAGES_TOO_LARGE =
  "The images of this conversation are over 100 MB together, and Kimi accepts no larger " +
  "request: remove the last of them with /undo, or start a new session";

const MESSAGES_TOO_LARGE =
  "The messages of this conversation are over 2 MiB together, and Kimi accepts no larger " +
  "request: shorten it, or start a new session";

/**
 * The most bytes of messages as JSON, without the data of images.
 *
 * @see https://github.com/MoonshotAI/kimi-code/issues/1862: "total message size … exceeds limit 2097152"
 */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

/** Messages of fewer tokens by the estimate are not that large. */
const LARGE_TOKENS = 400_000;

/**
 * Converts and measures repaired messages.
 *
 * @throws {KimiError} `too_large` if the messages or their images are larger than the service accepts.
 */
export function measure(
  messages: readonly JsonObject[],
  options: MeasureOptions,
): Conversation {
  const totals = { tokens: 0, textPoints: 0, mediaLength: 0, notes: options.notes };
  const measured = convertAll(messages, options, totals);
  const { key, marks, messages: converted } = measured;
  if (totals.mediaLength > MAX_REQUEST_BYTES) throw new KimiError("too_large", IMAGES_TOO_LARGE);
  if (totals.tokens > LARGE_TOKENS && messageBytes(converted) > MAX_MESSAGE_BYTES) {
    throw new KimiError("too_large", MESSAGES_TOO_LARGE);
  }
  return {
    messages: converted,
    tokens: totals.tokens,
    ...countedTokens(measured, options.answered.get(key)),
    key,
    mark: marks.at(-1) ?? 0,
  };
}

function messageBytes(messages: readonly unknown[]): number {
  const text = JSON.stringify(
    messages,
    (key, value) => key === "url" && String(value).startsWith("data:") ? "" : value,
  );
  return new TextEncoder().encode(text).length;
}

interface Measured {
  /** {@linkcode Conversation.key}. */
  readonly key: string;
  readonly messages: readonly JsonObject[];
  /** For each message, {@linkcode Conversation.mark} of it and all before it. */
  readonly marks: readonly number[];
  /** For each message, the code points of its text. */
  readonly points: readonly number[];
}

function convertAll(
  given: readonly JsonObject[],
  { form, isThinking, cacheKey }: MeasureOptions,
  totals: MessageTotals,
): Measured {
  let key = cacheKey;
  let mark = 0;
  const messages: JsonObject[] = [];
  const marks: number[] = [];
  const points: number[] = [];
  const context = { form, isThinking, totals };
  for (const original of given) {
    const before = totals.textPoints;
    const message = convertMessage(original, context);
    if (message === undefined) continue;
    if (messages.length === 0) {
      // kimi-cli's estimate counts the system prompt without its role.
      if (message.role === "system") totals.tokens -= 2;
      key = `${cacheKey}\n${totals.tokens}`;
    }
    mark = markAfter(mark, message, totals.tokens);
    messages.push(message);
    marks.push(mark);
    points.push(totals.textPoints - before);
  }
  return { key, messages, marks, points };
}

/**
 * The tokens that the service counted for the last answer; and these plus a quarter of the characters
 * appended since, rounded down at each append: the results of one answer's tools are appended together,
 * all else one by one. 0 if this is not the answered conversation, continued.
 *
 * @see kimi-cli 1.51.0 `soul/context.py`: `token_count_with_pending`
 */
function countedTokens(
  { messages, marks, points }: Measured,
  last: AnsweredConversation | undefined,
): Pick<Conversation, "counted" | "floor"> {
  const isContinued = last !== undefined && messages.length > last.count &&
    marks[last.count - 1] === last.mark;
  if (!isContinued) return { counted: 0, floor: 0 };
  let tokens = last.total;
  let appended = 0;
  // The answer itself is part of what the service counted.
  const first = last.count + (messages[last.count]?.role === "assistant" ? 1 : 0);
  for (let index = first; index < messages.length; index++) {
    if (messages[index]?.role !== "tool" || messages[index - 1]?.role !== "tool") {
      tokens += Math.floor(appended / 4);
      appended = 0;
    }
    appended += points[index] ?? 0;
  }
  return { counted: last.total, floor: tokens + Math.floor(appended / 4) };
}

/** A few characters of each text suffice: conversations change only by editing. */
function markAfter(mark: number, message: JsonObject, tokens: number): number {
  const content = typeof message.content === "string" ? message.content : "";
  let next = Math.imul(mark ^ tokens, 0x01000193) ^ content.length;
  const step = (content.length >>> 3) + 1;
  for (let at = 0; at < content.length; at += step) {
    next = Math.imul(next ^ content.charCodeAt(at), 0x01000193);
  }
  return next;
}
