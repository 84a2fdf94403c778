/** The provider's entry in opencode's configuration: ours, overridden by what the user wrote. */

import { chatModelOf, modelFacts } from "../../client/chat/chat_model.ts";
import type { Chat, ChatModel } from "../../client/chat/fetch.ts";
import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { COLD_CONTEXT, type Model, outputOf } from "../../kimi/models/catalog.ts";
import { effortFields } from "../../kimi/chat/params.ts";
import { namedModels } from "../../kimi/models/named_models.ts";
import { isObject, type JsonObject, mergeDeep, objectOf } from "../../kimi/util/json.ts";
import { accountModels, offeredEfforts, PROVIDER_NAME, usersContext } from "../offered_models.ts";

/** Variants that opencode adds to a model whose id does not contain "kimi". Source: its `provider/transform`. */
const OPENCODES_VARIANTS = ["low", "medium", "high"];

/** The variant that chooses no effort. */
const NO_CHOICE = "default";

/** What the entry depends on, beside the user's configuration. */
export interface EntryOptions {
  /** The API base in force. */
  readonly baseURL: string;
  readonly chat: Chat;
  readonly account: readonly Model[];
  /** Whether to offer all models of the account. */
  readonly discover: boolean;
}

/** The fields of an effort, as opencode's SDK takes them. */
function variant(effort: string): JsonObject {
  const { thinking, reasoning_effort } = effortFields(effort);
  return reasoning_effort === undefined
    ? { thinking }
    : { reasoningEffort: reasoning_effort, thinking };
}

/** An empty variant comes first: editors send the first one if the user chooses nothing. */
function variants(model: Model): JsonObject {
  const ours = offeredEfforts(model);
  const others = OPENCODES_VARIANTS.filter((effort) => !ours.includes(effort));
  return Object.fromEntries([
    ...(ours.length > 0 ? [[NO_CHOICE, {}]] : []),
    ...ours.filter((effort) => effort !== NO_CHOICE).map((effort) => [effort, variant(effort)]),
    ...others.map((effort) => [effort, { disabled: true }]),
  ]);
}

/** opencode's SDK can send images, but not videos. */
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

/** Makes the entry. */
export function providerEntry(
  config: JsonObject,
  { baseURL, chat, ...known }: EntryOptions,
): Record<string, unknown> {
  const { fetch, transformRequestBody } = chat;
  const users = objectOf(objectOf(config.provider)[PROVIDER_ID]);
  const entry = mergeDeep({
    name: PROVIDER_NAME,
    npm: "@ai-sdk/openai-compatible",
    options: {},
    models: offeredModels(config, objectOf(users.models), known),
  }, users);
  return {
    ...entry,
    options: { ...objectOf(entry.options), baseURL, fetch, transformRequestBody },
  };
}

/** The account's models, and those that the user's configuration names. */
function offeredModels(
  config: JsonObject,
  users: JsonObject,
  { account, discover }: Pick<EntryOptions, "account" | "discover">,
): JsonObject {
  const factsOf = (id: string) => modelFacts(id, account)[0];
  const offered = accountModels(account, discover);
  const models = new Map(offered.map((model) => [model.id, model]));
  for (const [key, model] of Object.entries(users)) {
    const id = apiId(model);
    const known = factsOf(typeof id === "string" ? id : key);
    if (known !== undefined && !models.has(key)) models.set(key, known);
  }
  for (const id of namedHere(config)) {
    if (!models.has(id) && !Object.hasOwn(users, id)) {
      models.set(id, factsOf(id) ?? unknownModel(id));
    }
  }
  return Object.fromEntries([...models].map(([key, model]) => [key, modelEntry(model)]));
}

/** opencode exits with an error if its configuration names a model that the provider lacks. */
function namedHere(config: JsonObject): readonly string[] {
  const prefix = `${PROVIDER_ID}/`;
  const own = namedModels(config).filter((name) => name.startsWith(prefix) && name !== prefix);
  return own.map((name) => name.slice(prefix.length));
}

function unknownModel(id: string): Model {
  const abilities = { images: true, video: false, tools: true, thinking: "both" } as const;
  return { id, name: id, contextLength: 0, output: outputOf(id), ...abilities };
}

/** Merges a model and its configuration. */
export function chatModel(models: unknown, id: string, account: readonly Model[]): ChatModel {
  const configured = objectOf(
    Object.entries(objectOf(models)).find(([key, value]) => key === id || apiId(value) === id)?.[1],
  );
  const facts = modelFacts(id, account);
  const known = chatModelOf(facts);
  return {
    ...known,
    contextLength: usersContext(configured.limit, facts) ?? known.contextLength,
    canThink: canThink(configured),
    userKeys: Object.keys(objectOf(configured.options)),
  };
}

function apiId(model: unknown): unknown {
  if (!isObject(model)) return undefined;
  return isObject(model.api) ? model.api.id : model.id;
}

function canThink(model: JsonObject): boolean {
  return model.reasoning !== false && objectOf(model.capabilities).reasoning !== false;
}
