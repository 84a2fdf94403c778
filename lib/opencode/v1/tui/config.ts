/**
 * What the terminal interface finds in opencode.json.
 *
 * @module
 */

import { PACKAGE_NAME, PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { isObject, text } from "../../../kimi/util/json.ts";

/**
 * Finds the options beside the plugin's name in opencode.json: the identity is chosen there.
 *
 * @param config opencode's configuration.
 * @param spec The plugin as it stands in tui.json.
 * @returns The options as the user wrote them, or undefined.
 */
export function optionsIn(config: unknown, spec: string | undefined): unknown {
  const plugins = isObject(config) && Array.isArray(config.plugin) ? config.plugin : [];
  const own = plugins.find((entry) =>
    Array.isArray(entry) && typeof entry[0] === "string" &&
    (entry[0] === spec || entry[0].startsWith(PACKAGE_NAME))
  );
  return Array.isArray(own) ? own[1] : undefined;
}

/**
 * Finds `options.baseURL` of the provider.
 *
 * @param config opencode's configuration.
 * @returns The URL, or undefined.
 */
export function baseUrlIn(config: unknown): string | undefined {
  const providers = isObject(config) && isObject(config.provider) ? config.provider : {};
  const provider = providers[PROVIDER_ID];
  return isObject(provider) && isObject(provider.options)
    ? text(provider.options.baseURL)
    : undefined;
}
