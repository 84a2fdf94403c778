/** Finds values in opencode's configuration files, taken together. */

import { isObject, type JsonObject, mergeDeep, objectOf } from "../../../kimi/util/json.ts";
import type { OpencodeConfig } from "./opencode_config.ts";

/** Finds values and the files they come from; those of the file with the lowest precedence come first. */
export function findValues<Value>(
  { files }: Pick<OpencodeConfig, "files">,
  find: (config: JsonObject) => readonly Value[],
) {
  return files.flatMap(({ path, config = {} }) =>
    find(config).map((value) => ({ value, source: path }))
  );
}

/** Returns a member that is an object, or an empty object. */
export function child(parent: unknown, name: string): JsonObject {
  return isObject(parent) && Object.hasOwn(parent, name) ? objectOf(parent[name]) : {};
}

/** Whether opencode replaces a part of the value. Source: https://opencode.ai/docs/config/#variables */
export function hasPlaceholder(value: string): boolean {
  return /\{(?:env|file):/.test(value);
}

/** Merges a member of all files, as opencode does. */
export function merged({ files }: OpencodeConfig, name: string): JsonObject {
  return files.reduce<JsonObject>((all, { config }) => mergeDeep(all, child(config, name)), {});
}
