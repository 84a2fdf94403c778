/** What a chat needs and a start does not: bodies and answers. */

import { CHAT_BODIES, type ToChatBody } from "../../kimi/clients/chat_bodies.ts";
import type { ChatBody } from "../../kimi/chat/body.ts";
import { createKnownArguments, type KnownArguments } from "../../kimi/chat/shape/call_arguments.ts";
import type { ClientName } from "../../kimi/identity/constants.ts";
import { objectOf } from "../../kimi/util/json.ts";
import { type AnswerContext, passOn } from "./answer.ts";
import { createPendingBodies, type PendingBodies } from "./pending_bodies.ts";

/** Makes bodies and passes answers on. */
export interface ChatPart {
  readonly toChatBody: ToChatBody;
  readonly pending: PendingBodies;
  readonly judge: KnownArguments;
  readonly passOn: (response: Response, context: AnswerContext) => Promise<Response>;
  readonly refusesOff: typeof refusesOff;
}

export function createChatPart(client: ClientName): ChatPart {
  return {
    toChatBody: CHAT_BODIES[client],
    pending: createPendingBodies(),
    judge: createKnownArguments(),
    passOn,
    refusesOff,
  };
}

const REFUSAL = /only type\s*=\s*"?enabled/i;

/** Whether the answer to a body without thinking refuses that; leaves the answer unread. */
async function refusesOff(response: Response, { body }: ChatBody): Promise<boolean> {
  if (response.status !== 400 || objectOf(body.thinking).type !== "disabled") return false;
  return REFUSAL.test(await response.clone().text());
}
