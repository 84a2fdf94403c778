/**
 * A sample of the chat requests that are sent: URL, headers and body, without the token.
 *
 * @module
 */

import { chatBody } from "../../../kimi/kimi_cli/body.ts";
import { MODEL_ID } from "../../../kimi/identity/constants.ts";
import { COLD_CONTEXT } from "../../../kimi/models/catalog.ts";
import { finite, type JsonObject } from "../../../kimi/util/json.ts";
import { readEnvSettings } from "../../../kimi/chat/env_settings.ts";
import { child } from "../collect/config_values.ts";
import type { Examination } from "../diagnosis.ts";
import { withoutUser } from "./redact.ts";

/** A request that is not sent. */
export interface SampleRequest {
  /** Its method. */
  readonly method: "POST";
  /** Where it would go. */
  readonly url: string;
  /** Its headers, as far as the plugin sets them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Its body. */
  readonly body: JsonObject;
}

/** As opencode's SDK hands it over: a first turn, with one tool. */
const CONVERSATION: JsonObject = {
  messages: [
    { role: "system", content: "You are opencode." },
    { role: "user", content: "What is in this folder?" },
  ],
  max_tokens: 32_000,
  prompt_cache_key: "ses_17f2a9c04ffeSampleSession01",
  tools: [{
    type: "function",
    function: {
      name: "list",
      description: "Lists a folder",
      parameters: { type: "object", properties: { path: { description: "The folder" } } },
    },
  }],
  tool_choice: "auto",
  stream: true,
};

/**
 * Makes the request for a short conversation, with the user's own options of the model.
 *
 * @param examination What is known of configuration and hosts.
 * @param headers The identity headers, masked or not.
 * @returns The request; in the place of the token stands `[access token]`.
 */
export function sampleRequest(
  { machine, provider, hosts }: Examination,
  headers: readonly { readonly name: string; readonly value: string | null }[],
): SampleRequest {
  const model = child(child(provider, "models"), MODEL_ID);
  const { reasoningEffort, ...options } = child(model, "options");
  const effort = reasoningEffort === undefined ? {} : { reasoning_effort: reasoningEffort };
  const { body } = chatBody({ ...CONVERSATION, model: MODEL_ID, ...options, ...effort }, {
    contextLength: finite(child(model, "limit").context) ?? COLD_CONTEXT,
    canThink: model.reasoning !== false,
    settings: readEnvSettings(machine.variables),
    userKeys: Object.keys(options),
    answered: new Map(),
  });
  return {
    method: "POST",
    url: `${withoutUser(hosts.api)}/chat/completions`,
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      ...Object.fromEntries(headers.map(({ name, value }) => [name, value ?? ""])),
      Authorization: "Bearer [access token]",
    },
    body,
  };
}
