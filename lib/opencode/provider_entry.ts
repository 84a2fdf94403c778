/**
 * The provider's entry in opencode's configuration: ours, and over it what the user wrote.
 *
 * @module
 */

import type { Chat, ChatModel } from "../auth/chat.ts";
import { MODEL_ID } from "../protocol/clients.ts";
import { effortFields, EFFORTS } from "../protocol/params.ts";
import { finite, isObject, type JsonObject } from "../protocol/reader.ts";

/** Context length of the model until the service has been asked, in tokens. */
const COLD_CONTEXT = 262_144;

/** Longest answer that opencode plans for, in tokens. */
const OUTPUT = 32_768;

/** @returns The effort's fields as opencode's SDK takes them. */
function variant(effort: string): JsonObject {
  const { thinking, reasoning_effort } = effortFields(effort);
  return reasoning_effort === undefined
    ? { thinking }
    : { reasoningEffort: reasoning_effort, thinking };
}

function defaultModel(): JsonObject {
  return {
    name: "Kimi For Coding",
    limit: { context: COLD_CONTEXT, output: OUTPUT },
    attachment: true,
    reasoning: true,
    tool_call: true,
    modalities: { input: ["text", "image"], output: ["text"] },
    variants: Object.fromEntries(EFFORTS.map((effort) => [effort, variant(effort)])),
  };
}

/** What the second has wins; objects are merged, all else is replaced. */
function merged(ours: JsonObject, users: unknown): Record<string, unknown> {
  const result: Record<string, unknown> = { ...ours };
  if (!isObject(users)) return result;
  for (const [key, value] of Object.entries(users)) {
    const own = ours[key];
    if (value !== undefined) {
      result[key] = isObject(own) && isObject(value) ? merged(own, value) : value;
    }
  }
  return result;
}

/**
 * Makes the provider's entry.
 *
 * @param users What the user wrote under the provider's id, if anything.
 * @param baseURL The API base in force.
 * @param chat The functions for opencode's SDK.
 * @returns The entry.
 */
export function providerEntry(
  users: unknown,
  baseURL: string,
  chat: Chat,
): Record<string, unknown> {
  const { fetch, transformRequestBody } = chat;
  const entry = merged({
    name: "Kimi For Coding",
    npm: "@ai-sdk/openai-compatible",
    options: {},
    models: { [MODEL_ID]: defaultModel() },
  }, users);
  const options = isObject(entry.options) ? entry.options : {};
  return { ...entry, options: { ...options, baseURL, fetch, transformRequestBody } };
}

/**
 * What is known of a model from its configuration.
 *
 * @param models The `models` of the provider's entry.
 * @param id The id that a request names.
 * @param discovered Context length that the service gave, if it was asked.
 * @returns Context length and the user's options. A context length that the user wrote wins over the
 * service's; 262144, which stands in many files because it stood in examples, counts as unwritten.
 */
export function chatModel(models: unknown, id: string, discovered: number | undefined): ChatModel {
  const entries = isObject(models) ? Object.entries(models) : [];
  const [, model] = entries.find(([key, value]) => key === id || apiId(value) === id) ?? [];
  const configured = isObject(model) ? model : {};
  const limit = isObject(configured.limit) ? finite(configured.limit.context) : undefined;
  const written = limit === COLD_CONTEXT ? undefined : limit;
  const options = isObject(configured.options) ? Object.keys(configured.options) : [];
  return {
    contextLength: written ?? discovered ?? COLD_CONTEXT,
    canThink: canThink(configured),
    userKeys: options,
  };
}

function apiId(model: unknown): unknown {
  if (!isObject(model)) return undefined;
  return isObject(model.api) ? model.api.id : model.id;
}

function canThink(model: JsonObject): boolean {
  if (model.reasoning === false) return false;
  return !isObject(model.capabilities) || model.capabilities.reasoning !== false;
}
