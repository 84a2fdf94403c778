/**
 * The option that says whose identity is sent.
 *
 * @module
 */

import { CLIENT_NAMES, type ClientName } from "../../kimi/identity/constants.ts";
import { type Option, type OptionValues, UsageError } from "./command.ts";

/** The option. */
export const CLIENT_OPTION: Option = {
  name: "client",
  value: "NAME",
  help: "whose identity to send: kimi-cli, the default, or opencode, which is honest",
};

/**
 * Reads the option.
 *
 * @param values The options as they were typed.
 * @returns Whose identity to send.
 * @throws {UsageError} Where there is no such client.
 */
export function clientOf({ client }: OptionValues): ClientName {
  if (client === undefined) return "kimi-cli";
  const known = CLIENT_NAMES.find((name) => name === client);
  if (known !== undefined) return known;
  throw new UsageError(`--client must be ${CLIENT_NAMES.join(" or ")}`);
}
