/** Remembers how long answered conversations are. */

import type { AnsweredConversation, ChatBody } from "../../kimi/chat/body.ts";

const MAX_ANSWERED = 256;

/** Remembers the total of an answer, and forgets the oldest conversation once there are many. */
export function remember(
  answered: Map<string, AnsweredConversation>,
  { conversation: { key, mark, messages } }: ChatBody,
  total: number,
): void {
  answered.delete(key);
  answered.set(key, { count: messages.length, mark, total });
  const [oldest] = answered.keys();
  if (answered.size > MAX_ANSWERED && oldest !== undefined) answered.delete(oldest);
}
