/** Reads the plugin's options in opencode.json. */

import { CLIENT_NAMES, type ClientName, DEFAULT_CLIENT, SCOPES } from "./identity/constants.ts";
import { isObject, printable } from "./util/json.ts";

/** The plugin's options, with defaults filled in. */
export interface PluginOptions {
  /** The client whose identity is sent. */
  readonly client: ClientName;
  /** Scope of the device authorization, or false to send none. */
  readonly scope: string | false;
  /** Whether the account's models are cached and offered. */
  readonly discover: boolean;
  /** Whether models have the plan's web search and page fetch as tools. */
  readonly tools: boolean;
}

/** Reads the options; returns a line for opencode's log for each that cannot be used. */
export function readOptions(
  given: unknown,
): { readonly options: PluginOptions; readonly problems: readonly string[] } {
  const problems: string[] = [];
  let client = DEFAULT_CLIENT;
  let scope: string | false | undefined;
  let discover = false;
  let tools = false;
  if (given !== undefined && given !== null && !isObject(given)) {
    problems.push("The plugin's options are not an object and are ignored");
  }
  for (const [key, value] of Object.entries(isObject(given) ? given : {})) {
    if (key === "client") {
      const known = CLIENT_NAMES.find((name) => name === value);
      const names = CLIENT_NAMES.map((name) => `"${name}"`).join(" or ");
      if (known === undefined) problems.push(`Option "client" must be ${names}`);
      else client = known;
    } else if (key === "scope") {
      if (value === false || (typeof value === "string" && value !== "")) scope = value;
      else problems.push('Option "scope" must be a non-empty string or false');
    } else if (key === "discover") {
      if (typeof value === "boolean") discover = value;
      else problems.push('Option "discover" must be true or false');
    } else if (key === "tools") {
      if (typeof value === "boolean") tools = value;
      else problems.push('Option "tools" must be true or false');
    } else {
      problems.push(`Option "${printable(key)}" is unknown and ignored`);
    }
  }
  return { options: { client, scope: scope ?? SCOPES[client], discover, tools }, problems };
}
