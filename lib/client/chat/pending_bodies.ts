/** Bodies that were made and not sent yet, so that an answer is counted for its own conversation. */

import type { ChatBody } from "../../kimi/chat/body.ts";
import { isObject } from "../../kimi/util/json.ts";

export interface PendingBodies {
  readonly add: (made: ChatBody) => void;
  /** Removes and returns the body with this text; `undefined` if it is not known. */
  readonly take: (body: unknown) => ChatBody | undefined;
}

const MAX_PENDING = 16;

/** Makes an empty list, which forgets the oldest body once it is full. */
export function createPendingBodies(): PendingBodies {
  const pending: ChatBody[] = [];
  return {
    add(made) {
      pending.push(made);
      if (pending.length > MAX_PENDING) pending.shift();
    },
    /** An SDK sends a body right after it was made: only simultaneous requests need a search. */
    take(body) {
      if (typeof body !== "string") return undefined;
      const index = pending.length === 1
        ? 0
        : pending.findLastIndex((made) => isTextOf(body, made));
      return pending.splice(index, index === -1 ? 0 : 1)[0];
    },
  };
}

/** Compares the beginning of the text and two numbers behind it. */
function isTextOf(text: string, { body, conversation }: ChatBody): boolean {
  const { max_completion_tokens, prompt_cache_key } = body;
  const marks = JSON.stringify({ max_completion_tokens, prompt_cache_key }).slice(1, -1);
  const [first] = conversation.messages;
  const content = isObject(first) && typeof first.content === "string" ? first.content : "";
  // Without a last character that may be half of one.
  const begin = content.slice(0, 64).toWellFormed().replace(/\ufffd$/, "");
  const start = JSON.stringify({ messages: [{ ...Object(first), content: begin }] });
  const known = start.slice(0, start.lastIndexOf(begin === "" ? "}" : '"'));
  return text.startsWith(known) && text.lastIndexOf(marks) !== -1;
}
