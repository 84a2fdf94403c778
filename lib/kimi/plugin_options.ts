/**
 * The plugin's options, as they stand in opencode.json.
 *
 * @module
 */

import { CLIENT_NAMES, type ClientName, DEFAULT_SCOPE } from "./identity/constants.ts";
import { isObject, printable } from "./util/json.ts";

/** Options with their defaults filled in. */
export interface PluginOptions {
  /** Whose identity is sent. */
  readonly client: ClientName;
  /** Scope of the device authorization, or false for none. */
  readonly scope: string | false;
  /** Whether the account's models are kept and offered. */
  readonly discover: boolean;
}

/** Options, and a line for each that could not be used. */
export interface ReadOptions {
  /** The options. */
  readonly options: PluginOptions;
  /** What to write to opencode's log. */
  readonly problems: readonly string[];
}

/**
 * Reads the options. One that is unknown or of the wrong type is left at its default and named.
 *
 * @param given The second argument of the plugin.
 * @returns Options and problems.
 */
export function readOptions(given: unknown): ReadOptions {
  const problems: string[] = [];
  let client: ClientName = "kimi-cli";
  let scope: string | false = DEFAULT_SCOPE;
  let discover = false;
  if (given !== undefined && given !== null && !isObject(given)) {
    problems.push("The plugin's options are not an object and are left out");
  }
  for (const [key, value] of Object.entries(isObject(given) ? given : {})) {
    if (key === "client") {
      const known = CLIENT_NAMES.find((name) => name === value);
      if (known === undefined) {
        problems.push(
          `Option "client" must be ${CLIENT_NAMES.map((name) => `"${name}"`).join(" or ")}`,
        );
      } else client = known;
    } else if (key === "scope") {
      if (value === false || (typeof value === "string" && value !== "")) scope = value;
      else problems.push('Option "scope" must be a text, or false');
    } else if (key === "discover") {
      if (typeof value === "boolean") discover = value;
      else problems.push('Option "discover" must be true or false');
    } else {
      problems.push(`Option "${printable(key)}" is unknown and left out`);
    }
  }
  return { options: { client, scope, discover }, problems };
}
