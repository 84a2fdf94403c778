/** Starts of opencode against a service that lists an account's models. */

import { events } from "../../client/chat/fixtures.ts";
import type { Answer } from "../../support/environment.ts";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import {
  ID,
  oauthEntry,
  type Plugin,
  plugin,
  type PluginChanges,
  providerOf,
  sdkPart,
  settled,
} from "./fixtures.ts";

export const FIRST = {
  id: "kimi-for-coding",
  display_name: "K2.8 Preview",
  context_length: 1_048_576,
  supports_image_in: true,
  supports_video_in: true,
  supports_thinking_type: "both",
  think_efforts: { support: true, valid_efforts: ["low", "high", "max"] },
};
export const ONLY = {
  id: "k3-256k",
  display_name: "Kimi\u001b K3",
  context_length: 131_072,
  supports_image_in: false,
  supports_thinking_type: "only",
  think_efforts: { support: true, valid_efforts: ["max", "low"] },
};
const NEVER = { id: "kimi-plain", context_length: 0, supports_thinking_type: "no" };
export const OTHER = { id: "kimi-opus", context_length: 10, protocol: "anthropic" };
export const ACCOUNT = [FIRST, ONLY, NEVER, OTHER];

/** An access token of an account, and an entry of auth.json around it. */
export function entryOf(user: string, changes: JsonObject = {}): JsonObject {
  const access = `SECRET-head.${btoa(JSON.stringify({ user_id: user }))}.SECRET-signature`;
  return oauthEntry(900, { access, ...changes });
}

/** Answers /models by a list, and chats by a stream. */
export function service(data: readonly unknown[]): Answer {
  return (request) => request.url.endsWith("/models") ? Response.json({ data }) : events("[DONE]");
}

/** A start of opencode: it stands on what an earlier one kept. */
export function start(entry: unknown, changes: PluginChanges & { before?: Plugin } = {}) {
  const { before, ...others } = changes;
  const variables = { OPENCODE_AUTH_CONTENT: JSON.stringify({ [ID]: entry }), ...others.variables };
  const made = plugin({ answer: service(ACCOUNT), ...others, entry, variables });
  if (before !== undefined) made.environment.kept.text = before.environment.kept.text;
  return made;
}

/** What the config hook adds, for what the user wrote; then the loader's background work. */
export async function offered(made: Plugin, config: Record<string, unknown> = {}) {
  await made.hooks.config(config);
  const entry = providerOf(config);
  const models = isObject(entry.models) ? entry.models : {};
  const loaded = await made.hooks.auth.loader(made.opencode.getAuth, entry);
  await settled();
  const sdk = sdkPart({ ...loaded, ...(isObject(entry.options) ? entry.options : {}) });
  return { models, ids: Object.keys(models), sdk };
}
