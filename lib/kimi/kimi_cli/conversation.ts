/**
 * The messages of a request, measured, and what the last answer said of the same conversation.
 *
 * kimi-cli takes the larger of its estimate and what the service counted: the tokens of the last
 * answer plus a quarter of the characters of what was appended since, rounded down at each time: the
 * results of one answer's tools are appended together, all else one by one.
 *
 * @see kimi-cli 1.51.0 `soul/context.py`: `token_count_with_pending`
 * @module
 */

import { KimiError } from "../errors/kimi_error.ts";
import { MAX_REQUEST_BYTES } from "../chat/images.ts";
import { convertMessage, type Tally } from "./messages.ts";
import { isObject } from "../util/json.ts";

/** The messages of a request as they are sent, measured. */
export interface Conversation {
  /** Converted messages. */
  readonly messages: readonly unknown[];
  /** Estimated tokens of all messages. */
  readonly tokens: number;
  /** Tokens that the service counted, and what was appended since; 0 where nothing is known. */
  readonly floor: number;
  /** Tells apart the conversations of a session: its own, and that of its title. */
  readonly key: string;
  /** Stands for these messages in this order, so that they are known again. */
  readonly mark: number;
}

/** What is remembered of an answered conversation. */
export interface AnsweredConversation {
  /** How many messages were sent. */
  readonly count: number;
  /** {@linkcode Conversation.mark} of those messages. */
  readonly mark: number;
  /** Tokens that the service counted, of request and answer together. */
  readonly total: number;
}

/** What {@linkcode measure} depends on beside the messages. */
export interface MeasureOptions {
  /** Whether thinking is on. */
  readonly thinks: boolean;
  /** The `prompt_cache_key` of the request, or "". */
  readonly cacheKey: string;
  /** The last answers, by {@linkcode Conversation.key}. */
  readonly answered: ReadonlyMap<string, AnsweredConversation>;
  /** Added to. */
  readonly notes: Set<string>;
}

const TOO_LARGE =
  "The images of this conversation are over 100 MB together, and Kimi takes no larger " +
  "request: take the last of them back with /undo, or start a new session";

/**
 * Converts and measures messages in one pass.
 *
 * @param messages The `messages` of an OpenAI-shaped request.
 * @param options What it depends on beside them.
 * @returns The conversation.
 * @throws {KimiError} `invalid_request` where the images are larger than the service takes.
 */
export function measure(messages: unknown, options: MeasureOptions): Conversation {
  const given: readonly unknown[] = Array.isArray(messages) ? messages : [];
  const tally: Tally = { tokens: 0, textPoints: 0, mediaLength: 0, notes: options.notes };
  const converted: unknown[] = [];
  let key = options.cacheKey;
  let last: AnsweredConversation | undefined;
  let grown = false;
  let mark = 0;
  let appended = 0;
  let wasResult = false;
  for (const message of given) {
    const isResult = isRole(message, "tool");
    if (!isResult || !wasResult) {
      appended += Math.floor(tally.textPoints / 4);
      tally.textPoints = 0;
    }
    wasResult = isResult;
    const next = convertMessage(message, options.thinks, tally);
    if (next === undefined) continue;
    const index = converted.push(next) - 1;
    if (index === 0) {
      // kimi-cli's estimate takes the system prompt without its role.
      if (isRole(next, "system")) tally.tokens -= 2;
      key = `${options.cacheKey}\n${tally.tokens}`;
      last = options.answered.get(key);
    }
    mark = markAfter(mark, next, tally.tokens);
    // The answer itself comes first of what was appended, and is part of what was counted.
    if (index === last?.count && isRole(next, "assistant")) appended = tally.textPoints = 0;
    if (index + 1 === last?.count) {
      grown = mark === last.mark;
      appended = tally.textPoints = 0;
    }
  }
  if (tally.mediaLength > MAX_REQUEST_BYTES) throw new KimiError("invalid_request", TOO_LARGE);
  const floor = last !== undefined && grown && converted.length > last.count
    ? last.total + appended + Math.floor(tally.textPoints / 4)
    : 0;
  return { messages: converted, tokens: tally.tokens, floor, key, mark };
}

function isRole(message: unknown, role: string): boolean {
  return isObject(message) && message.role === role;
}

/** A few characters of each text suffice: it is by editing that a conversation changes. */
function markAfter(mark: number, message: unknown, tokens: number): number {
  const content = isObject(message) && typeof message.content === "string" ? message.content : "";
  let next = Math.imul(mark ^ tokens, 0x01000193) ^ content.length;
  for (let sample = 0; sample < 8; sample++) {
    const code = content.charCodeAt(Math.floor((content.length * sample) / 8));
    next = Math.imul(next ^ (code || 0), 0x01000193);
  }
  return next;
}
