/**
 * What opencode's configuration says, taken together from all of its places.
 *
 * @module
 */

import { isObject, type JsonObject } from "../../../kimi/util/json.ts";
import type { OpencodeConfig } from "./opencode_config.ts";

/** A value of the configuration, and where it stands. */
export interface Setting<Value> {
  /** The value. */
  readonly value: Value;
  /** Its place. */
  readonly where: string;
}

/**
 * Finds values in all places.
 *
 * @param config The configuration.
 * @param find Takes the values out of what one place says.
 * @returns The values, the weakest place's first.
 */
export function settingsOf<Value>(
  { sources }: OpencodeConfig,
  find: (config: JsonObject) => readonly Value[],
): readonly Setting<Value>[] {
  return sources.flatMap(({ where, config = {} }) =>
    find(config).map((value) => ({ value, where }))
  );
}

/**
 * What stands under an object's member, if that is an object.
 *
 * @param parent Anything.
 * @param name Name of the member.
 * @returns The member, or an empty object.
 */
export function child(parent: unknown, name: string): JsonObject {
  const value = isObject(parent) && Object.hasOwn(parent, name) ? parent[name] : undefined;
  return isObject(value) ? value : {};
}

/**
 * Whether opencode fills something into a value, from the environment or a file.
 *
 * @param value The value as it is written.
 * @returns Whether it does.
 * @see https://opencode.ai/docs/config/#variables
 */
export function isFilledIn(value: string): boolean {
  return /\{(?:env|file):/.test(value);
}

/**
 * The provider's entry as all places together make it.
 *
 * @param config The configuration.
 * @param id Id of the provider.
 * @returns The entry, or undefined where no place has one.
 */
export function providerEntry(config: OpencodeConfig, id: string): JsonObject | undefined {
  const entries = settingsOf(config, ({ provider }) => {
    return isObject(provider) && isObject(provider[id]) ? [provider[id]] : [];
  });
  return entries.reduce<JsonObject | undefined>(
    (all, { value }) => merged(all ?? {}, value),
    undefined,
  );
}

function merged(weaker: JsonObject, stronger: JsonObject): JsonObject {
  const result: Record<string, unknown> = { ...weaker };
  for (const [key, value] of Object.entries(stronger)) {
    const old = result[key];
    result[key] = isObject(old) && isObject(value) ? merged(old, value) : value;
  }
  return result;
}

/**
 * The models that the configuration names as `provider/model`.
 *
 * @param config The configuration.
 * @returns The names: of the configuration itself, its agents, modes and commands.
 */
export function modelReferences(config: OpencodeConfig): readonly Setting<string>[] {
  return settingsOf(config, (source) => {
    const users = ["agent", "mode", "command"].flatMap((kind) =>
      Object.values(child(source, kind)).map((user) => isObject(user) ? user.model : undefined)
    );
    return [source.model, source.small_model, ...users].filter((model) =>
      typeof model === "string"
    );
  });
}
