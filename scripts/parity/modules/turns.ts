/** Conversations of several requests, given to the plugin one after the other. */

import { ANSWER_END } from "../../../tests/support/conversations.ts";
import type { Plugin } from "../../../tests/support/plugin.ts";
import type { Conversation } from "./generate.ts";

export interface Turns extends Conversation {
  /** Tokens that the service counts in each request and its answer; null if it sends no usage. */
  readonly totals: readonly (number | null)[];
}

/** The bodies of all requests. */
export async function turnBodies(plugin: Plugin, turns: Turns): Promise<readonly string[]> {
  const bodies: string[] = [];
  let end = -1;
  for (const total of turns.totals) {
    end = turns.messages.findIndex(({ role }, index) => index > end && role === "assistant");
    const messages = turns.messages.slice(0, end === -1 ? undefined : end);
    bodies.push(await plugin.ask({ ...turns, messages, answer: answerOf(total) }));
  }
  return bodies;
}

/** An event stream in which the service counts this many tokens. */
function answerOf(total: number | null): string {
  if (total === null) return ANSWER_END;
  const completion_tokens = Math.min(17, total);
  const usage = { prompt_tokens: total - completion_tokens, completion_tokens, cached_tokens: 0 };
  return `data: ${JSON.stringify({ choices: [], usage })}\n\n${ANSWER_END}`;
}
