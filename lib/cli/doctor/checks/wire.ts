/** The body that the client in force would send, to judge settings and tools by it. */

import type { ModelAbilities } from "../../../kimi/chat/efforts.ts";
import type { EnvSettings } from "../../../kimi/chat/env_settings.ts";
import { chosenEffort } from "../../../kimi/chat/params.ts";
import { CHAT_BODIES } from "../../../kimi/clients/chat_bodies.ts";
import type { ClientName } from "../../../kimi/identity/constants.ts";
import { COLD_CONTEXT } from "../../../kimi/models/catalog.ts";
import { type JsonObject, objectOf } from "../../../kimi/util/json.ts";

interface Sent {
  readonly abilities?: ModelAbilities | undefined;
  readonly settings?: EnvSettings;
}

/** Converts the body of a question without messages. */
export function wireBody(
  client: ClientName,
  body: JsonObject,
  { abilities = {}, settings = { problems: [] } }: Sent = {},
): JsonObject {
  const context = { contextLength: COLD_CONTEXT, userKeys: [], answered: new Map() };
  return CHAT_BODIES[client]({ messages: [], ...body }, { ...context, abilities, settings }).body;
}

/** The effort in a body of any client: kimi-code writes it into `thinking`. */
export function effortIn({ thinking, reasoning_effort: effort }: JsonObject): string | undefined {
  return chosenEffort({ thinking, reasoning_effort: effort ?? objectOf(thinking).effort });
}
