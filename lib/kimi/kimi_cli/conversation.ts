/** Measures the messages of a request, and relates them to the last answer. */

import type { AnsweredConversation, Conversation } from "../chat/body.ts";
import { MAX_REQUEST_BYTES } from "../chat/images.ts";
import { KimiError } from "../errors/kimi_error.ts";
import { isObject } from "../util/json.ts";
import { convertMessage, type MessageTotals } from "./messages.ts";

export type { AnsweredConversation, Conversation };

/** What {@linkcode measure} depends on besides the messages. */
export interface MeasureOptions {
  readonly isThinking: boolean;
  /** The `prompt_cache_key` of the request, or "". */
  readonly cacheKey: string;
  /** The last answers, by {@linkcode Conversation.key}. */
  readonly answered: ReadonlyMap<string, AnsweredConversation>;
  /** Notes for the log are added to it. */
  readonly notes: Set<string>;
}

const TOO_LARGE =
  "The images of this conversation are over 100 MB together, and Kimi accepts no larger " +
  "request: remove the last of them with /undo, or start a new session";

/**
 * Converts and measures messages.
 *
 * @throws {KimiError} `invalid_request` if the images are larger than the service accepts.
 */
export function measure(messages: unknown, options: MeasureOptions): Conversation {
  const totals = { tokens: 0, textPoints: 0, mediaLength: 0, notes: options.notes };
  const given: readonly unknown[] = Array.isArray(messages) ? messages : [];
  const converted = convertAll(given, options.isThinking, totals);
  if (totals.mediaLength > MAX_REQUEST_BYTES) throw new KimiError("invalid_request", TOO_LARGE);
  const [first] = converted;
  const key = first === undefined ? options.cacheKey : `${options.cacheKey}\n${first.tokens}`;
  return {
    messages: converted.map(({ message }) => message),
    tokens: totals.tokens,
    floor: countedTokens(converted, options.answered.get(key)),
    key,
    mark: converted.at(-1)?.mark ?? 0,
  };
}

interface MeasuredMessage {
  readonly message: unknown;
  /** Estimated tokens of this message and all before it. */
  readonly tokens: number;
  /** Code points of its text. */
  readonly textPoints: number;
  /** {@linkcode Conversation.mark} of this message and all before it. */
  readonly mark: number;
  /** Whether it is a tool's result that follows another one. */
  readonly isNextResult: boolean;
}

function convertAll(
  given: readonly unknown[],
  isThinking: boolean,
  totals: MessageTotals,
): readonly MeasuredMessage[] {
  const converted: MeasuredMessage[] = [];
  let mark = 0;
  let wasResult = false;
  for (const original of given) {
    const before = totals.textPoints;
    const isResult = isRole(original, "tool");
    const isNextResult = isResult && wasResult;
    wasResult = isResult;
    const message = convertMessage(original, isThinking, totals);
    if (message === undefined) continue;
    // kimi-cli's estimate counts the system prompt without its role.
    if (converted.length === 0 && isRole(message, "system")) totals.tokens -= 2;
    const { tokens } = totals;
    mark = markAfter(mark, message, tokens);
    const textPoints = totals.textPoints - before;
    converted.push({ message, tokens, textPoints, mark, isNextResult });
  }
  return converted;
}

/**
 * The tokens that the service counted for the last answer, plus a quarter of the characters appended
 * since, rounded down at each append: the results of one answer's tools are appended together, all
 * else one by one. 0 if this is not the answered conversation, continued.
 *
 * @see kimi-cli 1.51.0 `soul/context.py`: `token_count_with_pending`
 */
function countedTokens(
  converted: readonly MeasuredMessage[],
  last: AnsweredConversation | undefined,
): number {
  if (last === undefined || converted[last.count - 1]?.mark !== last.mark) return 0;
  const [answer, ...others] = converted.slice(last.count);
  if (answer === undefined) return 0;
  // The answer itself is part of what the service counted.
  const appended = isRole(answer.message, "assistant") ? others : [answer, ...others];
  let tokens = last.total;
  let points = 0;
  for (const { textPoints, isNextResult } of appended) {
    if (!isNextResult) {
      tokens += Math.floor(points / 4);
      points = 0;
    }
    points += textPoints;
  }
  return tokens + Math.floor(points / 4);
}

function isRole(message: unknown, role: string): boolean {
  return isObject(message) && message.role === role;
}

/** A few characters of each text suffice: conversations change only by editing. */
function markAfter(mark: number, message: unknown, tokens: number): number {
  const content = isObject(message) && typeof message.content === "string" ? message.content : "";
  let next = Math.imul(mark ^ tokens, 0x01000193) ^ content.length;
  for (let sample = 0; sample < 8; sample++) {
    const code = content.charCodeAt(Math.floor((content.length * sample) / 8));
    next = Math.imul(next ^ (code || 0), 0x01000193);
  }
  return next;
}
