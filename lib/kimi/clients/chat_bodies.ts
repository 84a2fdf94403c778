/** The wire format of each client. */

import type { BodyContext, ChatBody } from "../chat/body.ts";
import type { ClientName } from "../identity/constants.ts";
import { chatBody } from "../kimi_cli/body.ts";
import { chatBody as kimiCodeBody } from "../kimi_code/body.ts";
import type { JsonObject } from "../util/json.ts";

/** Converts opencode's chat body to a client's. */
export type ToChatBody = (body: JsonObject, context: BodyContext) => ChatBody;

/** The conversions by name of the client. */
export const CHAT_BODIES: Readonly<Record<ClientName, ToChatBody>> = {
  "kimi-cli": chatBody,
  "kimi-code": kimiCodeBody,
  opencode: chatBody,
};
