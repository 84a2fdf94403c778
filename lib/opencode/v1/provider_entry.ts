/**
 * The provider's entry in opencode's configuration: ours, and over it what the user wrote.
 *
 * @module
 */

import type { Chat, ChatModel } from "../../client/chat/fetch.ts";
import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { COLD_CONTEXT, KNOWN_MODELS, type Model, outputOf } from "../../kimi/models/catalog.ts";
import { effortFields } from "../../kimi/chat/params.ts";
import { namedModels } from "../../kimi/models/named_models.ts";
import { finite, isObject, type JsonObject, mergeDeep } from "../../kimi/util/json.ts";

/** Variants that opencode adds to a model whose id holds no "kimi". Source: its `provider/transform`. */
const OPENCODES_VARIANTS = ["low", "medium", "high"];

/** What the entry depends on beside the user's configuration. */
export interface EntryOptions {
  /** The API base in force. */
  readonly baseURL: string;
  /** The functions for opencode's SDK. */
  readonly chat: Chat;
  /** The account's models, where they are kept. */
  readonly account?: readonly Model[] | undefined;
}

/** @returns The effort's fields as opencode's SDK takes them. */
function variant(effort: string): JsonObject {
  const { thinking, reasoning_effort } = effortFields(effort);
  return reasoning_effort === undefined
    ? { thinking }
    : { reasoningEffort: reasoning_effort, thinking };
}

/** `off` comes first: opencode 1.18 takes the first for what it asks beside the conversation. */
function variants({ thinking, efforts = [] }: Model): JsonObject {
  const off = thinking === "both" ? ["off"] : [];
  const ours = thinking === "no" ? [] : [...off, ...efforts];
  const others = OPENCODES_VARIANTS.filter((effort) => !ours.includes(effort));
  return Object.fromEntries([
    ...ours.map((effort) => [effort, variant(effort)]),
    ...others.map((effort) => [effort, { disabled: true }]),
  ]);
}

/** opencode's SDK can carry images, and no video. */
function modelEntry(model: Model): JsonObject {
  const { name, contextLength, output, images, tools, thinking } = model;
  return {
    name,
    limit: { context: contextLength || COLD_CONTEXT, output },
    attachment: images,
    reasoning: thinking !== "no",
    tool_call: tools,
    modalities: { input: images ? ["text", "image"] : ["text"], output: ["text"] },
    variants: variants(model),
  };
}

/**
 * Makes the provider's entry.
 *
 * @param config opencode's configuration.
 * @param options What it depends on beside that.
 * @returns The entry.
 */
export function providerEntry(
  config: JsonObject,
  { baseURL, chat, account }: EntryOptions,
): Record<string, unknown> {
  const { fetch, transformRequestBody } = chat;
  const users = isObject(config.provider) ? config.provider[PROVIDER_ID] : undefined;
  const models = isObject(users) && isObject(users.models) ? users.models : {};
  const entry = mergeDeep({
    name: "Kimi For Coding",
    npm: "@ai-sdk/openai-compatible",
    options: {},
    models: offered(config, models, account),
  }, isObject(users) ? users : {});
  const options = isObject(entry.options) ? entry.options : {};
  return { ...entry, options: { ...options, baseURL, fetch, transformRequestBody } };
}

/** The account's models, and those that the user's configuration speaks of. */
function offered(
  config: JsonObject,
  users: JsonObject,
  account: readonly Model[] = [],
): JsonObject {
  const spoken = account.filter(({ protocol }) => protocol === undefined);
  const [first] = KNOWN_MODELS;
  const cold = first === undefined ? [] : [first];
  const models = new Map((spoken.length > 0 ? spoken : cold).map((model) => [model.id, model]));
  for (const [key, model] of Object.entries(users)) {
    const id = apiId(model);
    const known = factsOf(typeof id === "string" ? id : key, account);
    if (known !== undefined && !models.has(key)) models.set(key, known);
  }
  for (const id of namedHere(config)) {
    if (!models.has(id) && !Object.hasOwn(users, id)) {
      models.set(id, factsOf(id, account) ?? unknownModel(id));
    }
  }
  return Object.fromEntries([...models].map(([key, model]) => [key, modelEntry(model)]));
}

/** opencode ends with an error if its configuration names a model that the provider does not list. */
function namedHere(config: JsonObject): readonly string[] {
  const prefix = `${PROVIDER_ID}/`;
  return namedModels(config).filter((name) => name.startsWith(prefix) && name !== prefix)
    .map((name) => name.slice(prefix.length));
}

function unknownModel(id: string): Model {
  const abilities = { images: true, video: false, tools: true, thinking: "both" } as const;
  return { id, name: id, contextLength: 0, output: outputOf(id), ...abilities };
}

/**
 * What is known of a model.
 *
 * @param id What a request names.
 * @param account The account's models, as far as they are known.
 * @returns The account's own, or else what is known without asking.
 */
export function factsOf(id: string, account: readonly Model[] = []): Model | undefined {
  return [...account, ...KNOWN_MODELS].find((model) => model.id === id);
}

/**
 * What is known of a model from its configuration.
 *
 * @param models The `models` of the provider's entry.
 * @param id The id that a request names.
 * @param sources What is known beside that, the best first.
 * @returns Context length and the user's options. A context length that the user wrote wins over the
 * service's; ours, and 262144, which stands in many files because it stood in examples, count as
 * unwritten.
 */
export function chatModel(
  models: unknown,
  id: string,
  sources: readonly (readonly Model[] | undefined)[],
): ChatModel {
  const entries = isObject(models) ? Object.entries(models) : [];
  const [, model] = entries.find(([key, value]) => key === id || apiId(value) === id) ?? [];
  const configured = isObject(model) ? model : {};
  const facts = [...sources, KNOWN_MODELS].flatMap((source = []) =>
    source.find((model) => model.id === id) ?? []
  );
  const lengths = facts.map(({ contextLength }) => contextLength);
  const limit = isObject(configured.limit) ? finite(configured.limit.context) : undefined;
  const isOurs = limit === undefined || limit === COLD_CONTEXT || lengths.includes(limit);
  return {
    contextLength: isOurs ? lengths.find((length) => length > 0) ?? COLD_CONTEXT : limit,
    canThink: canThink(configured),
    abilities: facts[0] ?? {},
    userKeys: isObject(configured.options) ? Object.keys(configured.options) : [],
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
