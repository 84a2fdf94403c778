/** Providers and models: what transforms add, what the user's config lays over it, what is offered. */

import { deepFreeze } from "./transforms.ts";
import { type Callback, isFunction, isObject, type Json, object, refuse } from "./types.ts";

/** A provider as the host holds it. */
export interface Provider {
  readonly info: Json;
  readonly models: ReadonlyMap<string, Json>;
  readonly sourceConnection?: unknown;
}

/** Providers by their ids. */
export type Catalog = Map<string, Provider>;

/** Members that a model must have (schema/model.ts 24c75763). */
const REQUIRED: Readonly<Record<string, (value: unknown) => boolean>> = {
  id: isString,
  modelID: isString,
  providerID: isString,
  name: isString,
  capabilities: (value) =>
    isObject(value) && typeof value.tools === "boolean" && isStrings(value.input) &&
    isStrings(value.output),
  variants: (value) => Array.isArray(value) && value.every(({ id }) => isString(id)),
  time: (value) => isObject(value) && typeof value.released === "number",
  cost: Array.isArray,
  status: (value) => ["alpha", "beta", "deprecated", "active"].includes(String(value)),
  enabled: (value) => typeof value === "boolean",
  limit: (value) =>
    isObject(value) && Number.isInteger(value.context) && Number.isInteger(value.output),
};

const COMPATIBILITY = [
  ...["reasoningField", "requireReasoning", "maxTokensField", "requireFinishReason"],
  ...["requireAssistantAfterTool", "supportsPromptCacheKey", "supportsEffortUpdates"],
  "supportsThinkingBlockBinding",
];

function isString(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every(isString);
}

function checkModel(model: unknown): Json {
  const given = object(model);
  for (const [key, holds] of Object.entries(REQUIRED)) {
    refuse(!holds(given[key]), `the model ${String(given.id)} has a wrong ${key}`);
  }
  const strange = Object.keys(object(given.compatibility)).find((key) =>
    !COMPATIBILITY.includes(key)
  );
  refuse(strange !== undefined, `compatibility has no key ${strange}`);
  return given;
}

function checkInfo(info: unknown): Json {
  // A function inside throws, and costs the plugin (provider.ts 025c071b).
  const clone = object(structuredClone(info));
  for (const key of ["id", "name", "package"]) {
    refuse(!isString(clone[key]), `the provider has a wrong ${key}`);
  }
  const known = ["auto", "enabled", "disabled"].includes(String(clone.activation));
  refuse(!known, `activation ${String(clone.activation)} is not known`);
  return clone;
}

/** Lists that were added before, by the identity of the array. */
export type KnownModels = WeakMap<object, ReadonlyMap<string, Json>>;

function modelMap(models: unknown, known: KnownModels): ReadonlyMap<string, Json> {
  if (!Array.isArray(models)) throw new TypeError("models is a list");
  const found = known.get(models);
  if (found !== undefined) return found;
  const made = new Map(models.map((model) => [String(object(model).id), checkModel(model)]));
  deepFreeze(models);
  known.set(models, made);
  return made;
}

/** The editor of `ctx.provider.transform`, the same in the types of 2.0.7, 2.0.16 and newest. */
export function providerEditor(catalog: Catalog, known: KnownModels): object {
  const at = (id: string): Provider => {
    const empty = { id, name: id, activation: "auto", package: "" };
    return catalog.get(id) ?? { info: empty, models: new Map() };
  };
  const set = (id: string, change: Partial<Provider>) =>
    void catalog.set(id, { ...at(id), ...change });
  return {
    list: () => [...catalog.values()].map(({ info, models }) => ({ provider: info, models })),
    get(id: string) {
      const { info, models } = catalog.get(id) ?? {};
      return info && { provider: info, models };
    },
    add(given: unknown) {
      const { info, models, sourceConnection } = object(given);
      const checked = checkInfo(info);
      const made = { info: checked, models: modelMap(models, known) };
      catalog.set(String(checked.id), { ...made, sourceConnection });
    },
    update(id: string, change: Callback) {
      const draft = structuredClone(at(id).info);
      change(draft);
      set(id, { info: draft });
    },
    remove: (id: string) => void catalog.delete(id),
    models: {
      set: (id: string, models: unknown) => set(id, { models: modelMap(models, known) }),
      update: (id: string, model: string, change: unknown) =>
        set(id, { models: changed(at(id).models, model, change) }),
      remove: (id: string, model: string) =>
        set(id, { models: new Map([...at(id).models].filter(([key]) => key !== model)) }),
    },
  };
}

/** The editor of `ctx.model.transform`: it cannot create a provider. */
export function modelEditor(catalog: Catalog): object {
  return {
    list: (id: string) => [...catalog.get(id)?.models.values() ?? []],
    get: (id: string, model: string) => catalog.get(id)?.models.get(model),
    update(id: string, model: string, change: unknown) {
      const found = catalog.get(id);
      if (found === undefined) throw new TypeError(`there is no provider ${id}`);
      catalog.set(id, { ...found, models: changed(found.models, model, change) });
    },
  };
}

function changed(models: ReadonlyMap<string, Json>, id: string, change: unknown) {
  const draft = structuredClone(models.get(id) ?? { id });
  if (isFunction(change)) change(draft);
  return new Map([...models, [id, draft]]);
}

/** Lays the user's `providers` over what plugins added; such a block makes a provider enabled. */
export function overlay(catalog: Catalog, config: Json): void {
  for (const [id, block] of Object.entries(config)) {
    const { models: theirs, ...info } = object(block);
    const found = catalog.get(id) ?? { info: { id, name: id, package: "" }, models: new Map() };
    const models = new Map(found.models);
    for (const [model, change] of Object.entries(object(theirs))) {
      models.set(model, merge(object(models.get(model)), object(change)));
    }
    catalog.set(id, {
      ...found,
      info: { ...merge(found.info, info), activation: "enabled" },
      models,
    });
  }
}

/** Objects are merged, other values replaced. */
export function merge(under: Json, over: Json): Json {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isObject(below) && isObject(value) ? merge(below, value) : value;
  }
  return merged;
}

/** What decides whether a provider is offered. */
export interface Connections {
  readonly active: (integrationID: string) => unknown;
  readonly hasIntegration: (integrationID: string) => boolean;
}

/** Whether a provider is offered (provider.ts 025c071b). */
export function isOffered({ info, sourceConnection }: Provider, known: Connections): boolean {
  const { id, integrationID, activation } = info;
  if (activation === "disabled") return false;
  const integration = String(integrationID ?? id);
  const active = known.active(integration);
  if (sourceConnection !== undefined && sourceConnection !== object(active).id) return false;
  if (activation === "enabled" || active !== undefined) return true;
  return integrationID === undefined && !known.hasIntegration(String(id));
}
