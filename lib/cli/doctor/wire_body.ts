/** The body that a client would send: to show it, and to judge settings and tools by it. */

import type { BodyContext } from "../../kimi/chat/body.ts";
import { chosenEffort } from "../../kimi/chat/params.ts";
import { CHAT_BODIES } from "../../kimi/clients/chat_bodies.ts";
import type { ClientName } from "../../kimi/identity/constants.ts";
import { COLD_CONTEXT } from "../../kimi/models/catalog.ts";
import { type JsonObject, objectOf } from "../../kimi/util/json.ts";

const CONTEXT: BodyContext = {
  contextLength: COLD_CONTEXT,
  settings: { problems: [] },
  userKeys: [],
  answered: new Map(),
};

/** Converts a body, by default that of a question without messages. */
export function wireBody(
  client: ClientName,
  body: JsonObject,
  context: Partial<BodyContext> = {},
): JsonObject {
  return CHAT_BODIES[client]({ messages: [], ...body }, { ...CONTEXT, ...context }).body;
}

/** The effort in a body of any client: kimi-code writes it into `thinking`. */
export function effortIn({ thinking, reasoning_effort: effort }: JsonObject): string | undefined {
  return chosenEffort({ thinking, reasoning_effort: effort ?? objectOf(thinking).effort });
}
