/** Bodies that were made and not sent yet, so that an answer is counted for its own conversation. */

import type { ChatBody } from "../../kimi/chat/body.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { isObject, type JsonObject, parseObject } from "../../kimi/util/json.ts";

export interface PendingBodies {
  readonly add: (made: ChatBody) => void;
  /**
   * Makes a body that stands for one that is too large to send: an SDK passes on what is thrown while
   * it makes a body, and opencode compacts only after an answer.
   */
  readonly refuse: (error: KimiError) => JsonObject;
  /**
   * Removes and returns the body with this text; `undefined` if it is not known.
   *
   * @throws {KimiError} The error of a body that was refused.
   */
  readonly take: (body: unknown) => ChatBody | undefined;
}

const MAX_PENDING = 16;

const REFUSED = "kimi_too_large";

/** Creates an empty list, which forgets the oldest body once it is full. */
export function createPendingBodies(): PendingBodies {
  const pending: ChatBody[] = [];
  return {
    add(made) {
      pending.push(made);
      if (pending.length > MAX_PENDING) pending.shift();
    },
    refuse: ({ message }) => ({ [REFUSED]: message }),
    /** An SDK sends a body right after it was made: only simultaneous requests need a search. */
    take(body) {
      if (typeof body !== "string") return undefined;
      if (body.startsWith(`{"${REFUSED}"`)) {
        throw new KimiError("too_large", String(parseObject(body)?.[REFUSED]));
      }
      const index = pending.length === 1
        ? 0
        : pending.findLastIndex((made) => isTextOf(body, made));
      return pending.splice(index, index === -1 ? 0 : 1)[0];
    },
  };
}

/** Compares the beginning of the text and two numbers behind it. */
function isTextOf(text: string, { body, conversation }: ChatBody): boolean {
  const marks = ["max_completion_tokens", "prompt_cache_key"]
    .map((key) => JSON.stringify({ [key]: body[key] }).slice(1, -1));
  const [first] = conversation.messages;
  const content = isObject(first) && typeof first.content === "string" ? first.content : "";
  // Without a last character that may be half of one.
  const begin = content.slice(0, 64).toWellFormed().replace(/\ufffd$/, "");
  const keys = Object.keys(body);
  const before = keys.slice(0, keys.indexOf("messages")).map((key) => [key, body[key]]);
  const start = JSON.stringify({
    ...Object.fromEntries(before),
    messages: [{ ...Object(first), content: begin }],
  });
  const known = start.slice(0, start.lastIndexOf(begin === "" ? "}" : '"'));
  return text.startsWith(known) && marks.every((mark) => text.lastIndexOf(mark) !== -1);
}
