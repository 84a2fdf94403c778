/**
 * What a command is.
 *
 * @module
 */

import type { Permission } from "./deno_permissions.ts";
import type { Stream, Terminal } from "./terminal.ts";

export type { Permission, Stream, Terminal };

/** Exit codes. */
export const EXIT = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** An option of a command. */
export interface Option {
  /** What is typed behind `--`. */
  readonly name: string;
  /** Name of its value in the help; absent where it takes none. */
  readonly value?: string;
  /** What it does, in one line. */
  readonly help: string;
}

/** The options as they were typed. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** One run of a command. */
export interface Invocation {
  /** The options. */
  readonly values: OptionValues;
  /** Where to write. */
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A command. */
export interface Command {
  /** What is typed. */
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** Its options, beside `--help` and `--version`. */
  readonly options: readonly Option[];
  /** The permissions of Deno that it needs. */
  readonly permissions: readonly Permission[];
  /** Runs it and gives the exit code. What it throws is shown, and ends it with 1. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

/** A mistake in what was typed. Ends the command with 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
