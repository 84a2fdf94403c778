/** What the terminal interface reads of opencode.json. */

import { PACKAGE_NAME, PROVIDER_ID } from "../../../kimi/identity/constants.ts";
import { objectOf, text } from "../../../kimi/util/json.ts";

/** The options of the plugin in opencode.json, where the identity is chosen; `spec` is from tui.json. */
export function optionsIn(config: unknown, spec: string | undefined): unknown {
  const { plugin } = objectOf(config);
  const own = (Array.isArray(plugin) ? plugin : []).find((entry) =>
    Array.isArray(entry) && typeof entry[0] === "string" &&
    (entry[0] === spec || entry[0].startsWith(PACKAGE_NAME))
  );
  return Array.isArray(own) ? own[1] : undefined;
}

/** `options.baseURL` of the provider. */
export function baseUrlIn(config: unknown): string | undefined {
  const provider = objectOf(objectOf(config).provider)[PROVIDER_ID];
  return text(objectOf(objectOf(provider).options).baseURL);
}
