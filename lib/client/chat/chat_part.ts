/** What a chat needs and a start does not: bodies and answers. */

import { CHAT_BODIES, type ToChatBody } from "../../kimi/clients/chat_bodies.ts";
import type { ClientName } from "../../kimi/identity/constants.ts";
import { type AnswerContext, passOn } from "./answer.ts";
import { createPendingBodies, type PendingBodies } from "./pending_bodies.ts";
import { refusesOff } from "./thinking_refusal.ts";

/** Makes bodies and passes answers on. */
export interface ChatPart {
  readonly toChatBody: ToChatBody;
  readonly pending: PendingBodies;
  readonly passOn: (response: Response, context: AnswerContext) => Promise<Response>;
  readonly refusesOff: typeof refusesOff;
}

export function createChatPart(client: ClientName): ChatPart {
  return { toChatBody: CHAT_BODIES[client], pending: createPendingBodies(), passOn, refusesOff };
}
