/** What a chat needs to know of a model. */

import { COLD_CONTEXT, KNOWN_MODELS, type Model } from "../../kimi/models/catalog.ts";
import type { ChatModel } from "./fetch.ts";

/** All that is known of a model: first what the account's models say, then what is built in. */
export function modelFacts(id: string, account: readonly Model[]): readonly Model[] {
  return [...account, ...KNOWN_MODELS].filter((model) => model.id === id);
}

/** Ids of the models that speak the protocol of this library. */
export function chatModelIds(models: readonly Model[]): readonly string[] {
  return models.flatMap(({ id, protocol }) => protocol === undefined ? id : []);
}

/** A model that nobody has configured. */
export function chatModelOf(facts: readonly Model[]): ChatModel {
  const { contextLength } = facts.find(({ contextLength }) => contextLength > 0) ?? {};
  return {
    contextLength: contextLength ?? COLD_CONTEXT,
    canThink: true,
    abilities: facts[0] ?? {},
    userKeys: [],
  };
}
