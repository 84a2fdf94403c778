/** Exit codes and options that commands share. */

import type { Option, OptionValues } from "./types.ts";

export type * from "./types.ts";

/** The exit codes of all commands. */
export const EXIT = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** An error in the arguments; ends the command with {@linkcode EXIT}`.usage`. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The option that chooses the client. */
export const CLIENT_OPTION: Option = {
  name: "client",
  value: "NAME",
  help: "client to send as: kimi-cli (default), kimi-code, or opencode (this plugin's real name)",
};

/** The value of an option that must be one of some names; the first is the default. */
export function choiceOf<Name extends string>(
  values: OptionValues,
  option: string,
  names: readonly Name[],
): Name {
  const value = values[option] ?? names[0];
  const known = names.find((name) => name === value);
  if (known === undefined) throw new UsageError(`--${option} must be ${names.join(" or ")}`);
  return known;
}
