/** Builds a sample chat request: URL, headers and body, without the token. */

import { MODEL_ID } from "../../../kimi/identity/constants.ts";
import { COLD_CONTEXT } from "../../../kimi/models/catalog.ts";
import { finite, type JsonObject } from "../../../kimi/util/json.ts";
import { withoutUserInfo } from "../../../kimi/util/redact.ts";
import { readEnvSettings } from "../../../kimi/chat/env_settings.ts";
import { child } from "../collect/config_values.ts";
import type { Diagnosis } from "../diagnosis.ts";
import { wireBody } from "../wire_body.ts";

const PARAMETERS = { type: "object", properties: { path: { description: "The folder" } } };

/** The first turn of a conversation with one tool, as opencode's SDK passes it. */
const CONVERSATION: JsonObject = {
  messages: [
    { role: "system", content: "You are opencode." },
    { role: "user", content: "What is in this folder?" },
  ],
  max_tokens: 32_000,
  prompt_cache_key: "ses_17f2a9c04ffeSampleSession01",
  tools: [{
    type: "function",
    function: { name: "list", description: "Lists a folder", parameters: PARAMETERS },
  }],
  tool_choice: "auto",
  stream: true,
};

/** Applies the user's own options of the model; `[access token]` replaces the token. */
export function sampleRequest({ client, machine, provider, hosts, headers }: Diagnosis) {
  const model = child(child(provider, "models"), MODEL_ID);
  const { reasoningEffort, ...options } = child(model, "options");
  const effort = reasoningEffort === undefined ? {} : { reasoning_effort: reasoningEffort };
  const given = { ...CONVERSATION, model: MODEL_ID, ...options, ...effort };
  const body = wireBody(client, given, {
    contextLength: finite(child(model, "limit").context) ?? COLD_CONTEXT,
    canThink: model.reasoning !== false,
    settings: readEnvSettings(machine.variables),
    userKeys: Object.keys(options),
  });
  const all: Readonly<Record<string, string>> = {
    Accept: "application/json",
    "Content-Type": "application/json",
    ...Object.fromEntries(headers.map(({ name, value }) => [name, value ?? ""])),
    Authorization: "Bearer [access token]",
  };
  const url = `${withoutUserInfo(hosts.api)}/chat/completions`;
  return { method: "POST", url, headers: all, body };
}
