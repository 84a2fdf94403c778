/** The provider and its models, as opencode 2.x lists them. */

import { chatModelOf, modelFacts } from "../../client/chat/chat_model.ts";
import type { ChatModel } from "../../client/chat/fetch.ts";
import { effortFields } from "../../kimi/chat/params.ts";
import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { COLD_CONTEXT, type Model } from "../../kimi/models/catalog.ts";
import { type JsonObject, objectOf } from "../../kimi/util/json.ts";
import { accountModels, offeredEfforts, PROVIDER_NAME, usersContext } from "../offered_models.ts";
import type { ProviderEntry } from "./types.ts";

/** The built-in package whose requests and answers the hooks see. Source: core `model-resolver.ts`. */
const PACKAGE = "@opencode/ai/providers/openai-compatible";

/** Creates a new entry each time: opencode freezes what it gets, and compares lists by identity. */
export function providerEntry(
  baseURL: string,
  account: readonly Model[],
  discover: boolean,
): ProviderEntry {
  return {
    info: {
      id: PROVIDER_ID,
      integrationID: PROVIDER_ID,
      name: PROVIDER_NAME,
      activation: "auto",
      package: PACKAGE,
      settings: { baseURL },
    },
    models: accountModels(account, discover).map(modelInfo),
  };
}

/** Source: schema `model.ts`. Without `requireReasoning`, opencode adds empty thoughts to all answers. */
function modelInfo({ id, name, contextLength, output, images, tools, ...model }: Model) {
  return {
    id,
    modelID: id,
    providerID: PROVIDER_ID,
    name,
    capabilities: { tools, input: images ? ["text", "image"] : ["text"], output: ["text"] },
    variants: offeredEfforts(model).map((effort) => ({
      id: effort,
      body: { ...effortFields(effort) },
    })),
    time: { released: 0 },
    cost: [],
    status: "active",
    enabled: true,
    limit: { context: contextLength || COLD_CONTEXT, output },
    compatibility: { reasoningField: "reasoning_content", requireReasoning: false },
  };
}

/** The models that are offered until the account's are known, by the ids that requests send. */
export function builtInModels(): JsonObject {
  return ownModels(accountModels([], false).map(modelInfo));
}

/** Merges a model and its configuration, by the id that a request sends. */
export function configuredModel(
  offered: JsonObject,
  id: string,
  account: readonly Model[],
): ChatModel {
  const facts = modelFacts(id, account);
  const known = chatModelOf(facts);
  const { limit, body } = objectOf(offered[id]);
  const contextLength = usersContext(limit, facts) ?? known.contextLength;
  return { ...known, contextLength, userKeys: Object.keys(objectOf(body)) };
}

/** Reads the list of all models, as opencode gives it: ours, by the ids that requests send. */
export function ownModels(listed: unknown): JsonObject {
  const { data } = objectOf(listed);
  const models = (Array.isArray(listed) ? listed : Array.isArray(data) ? data : []).map(objectOf);
  const ours = models.filter(({ providerID }) => providerID === PROVIDER_ID);
  return Object.fromEntries(ours.map((model) => [String(model.modelID ?? model.id), model]));
}
