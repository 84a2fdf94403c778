/** A model with all that lies over it (model-resolver 70506085020, older 009b1002). */

import type { Provider } from "../catalog.ts";
import type { Resolver } from "../integrations.ts";
import { isObject, type Json, object } from "../types.ts";
import type { ResolvedModel } from "./attempt.ts";

/** The one provider package that the fake knows: built in since 2.0. */
const NATIVE = "@opencode/ai/providers/openai-compatible";

/** Provider, model, variant and the credential's metadata, each laid over the one before. */
export async function resolveModel(
  name: string,
  offered: readonly Provider[],
  resolver: Resolver,
): Promise<ResolvedModel> {
  const [, providerID = "", id = "", variant] = /^([^/]+)\/([^#]+)(?:#(.+))?$/.exec(name) ?? [];
  const provider = offered.find(({ info }) => info.id === providerID);
  const model = provider?.models.get(id);
  if (provider === undefined || model === undefined) throw new Error(`Model ${name} not found`);
  const variants = Array.isArray(model.variants) ? model.variants.map(object) : [];
  const chosen = variants.find((one) => one.id === variant);
  if (variant !== undefined && chosen === undefined) {
    throw new Error(`Variant ${variant} not found`);
  }
  const { info } = provider;
  const connection = resolver.active(String(info.integrationID ?? providerID));
  const credential = connection === undefined ? undefined : await resolver.resolve(connection);
  const layers = [info, model, object(chosen)];
  const over = (key: string): Json => Object.assign({}, ...layers.map((one) => object(one[key])));
  const npm = model.package ?? info.package;
  if (npm !== NATIVE) throw new Error(`The provider package ${String(npm)} exports no model()`);
  // The keys of a credential's metadata become settings.
  const settings = { ...over("settings"), ...object(credential?.metadata) };
  const token = credential?.access ?? settings.apiKey;
  return {
    ...{ providerID, id, variant, settings },
    modelID: String(model.modelID),
    compatibility: object(model.compatibility),
    headers: over("headers"),
    body: over("body"),
    input: isObject(model.capabilities) ? Object(model.capabilities.input) : [],
    limit: object(model.limit),
    token: typeof token === "string" ? token : undefined,
  };
}
