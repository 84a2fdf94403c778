/** The types of a command, which the entry point of each command exports. */

import type { Permission } from "./permissions.ts";
import type { Stream, Terminal } from "./terminal.ts";

export type { Permission, Stream, Terminal };

/** An option of a command. */
export type Option = {
  /** The name, typed after `--`. */
  readonly name: string;
  /** The name of its value in the help; absent for a flag. */
  readonly value?: string;
  /** What it does, in one line. */
  readonly help: string;
};

/** The values of the options, by name: a string, or a boolean for a flag. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** One run of a command. */
export type Invocation = {
  readonly values: OptionValues;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
};

/** A command. */
export type Command = {
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** In addition to `--help` and `--version`. */
  readonly options: readonly Option[];
  readonly permissions: readonly Permission[];
  /** Runs the command and returns the exit code; an error is printed, and the exit code is then 1. */
  readonly run: (invocation: Invocation) => Promise<number>;
};
