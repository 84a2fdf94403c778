/** The models that opencode's configuration names. */

import { isObject, type JsonObject } from "../util/json.ts";

/** Returns the names as written, `provider/model`: of the configuration, its agents, modes and commands. */
export function namedModels(config: JsonObject): readonly string[] {
  const groups = [config.agent, config.mode, config.command].filter(isObject);
  const holders = [config, ...groups.flatMap((group) => Object.values(group))].filter(isObject);
  return holders.flatMap(({ model, small_model }) => [model, small_model])
    .filter((name) => typeof name === "string");
}
