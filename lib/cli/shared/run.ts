/**
 * What is the same for each command: options, `--help`, `--version`, exit codes, Ctrl-C.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import type { Environment } from "../../client/environment.ts";
import { VERSION } from "../../kimi/identity/constants.ts";
import { KimiError, messageOf } from "../../kimi/errors/kimi_error.ts";
import { codeOf } from "../../runtime/fs/errors.ts";
import { type Command, EXIT, type Invocation, type OptionValues, UsageError } from "./command.ts";
import { helpOf } from "./help.ts";
import { denialOf, explainDenial, willPrompt } from "./deno_permissions.ts";
import {
  realTerminal,
  type Stream,
  type Style,
  styled,
  type Terminal,
  wrapped,
} from "./terminal.ts";

/**
 * Runs a command.
 *
 * @param command The command.
 * @param argv What was typed behind its name.
 * @param terminal Where to write.
 * @param signal Aborted by Ctrl-C.
 * @returns The exit code.
 */
export async function runCommand(
  command: Command,
  argv: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  try {
    const values = readOptions(command, argv);
    if (values.help === true) terminal.out.write(helpOf(command, terminal.out));
    else if (values.version === true) terminal.out.write(`${VERSION}\n`);
    else return await run(command, { values, terminal, signal });
    return EXIT.ok;
  } catch (error) {
    return report(command, error, terminal, signal);
  }
}

async function run(command: Command, invocation: Invocation): Promise<number> {
  const { err } = invocation.terminal;
  if (err.isTerminal && willPrompt(command.permissions)) {
    const line = "Deno will ask for each permission; A allows all of a kind. " +
      `${command.name} --help says what each is for, and how to allow them beforehand`;
    err.write(`${wrapped(err, line)}\n`);
  }
  return await command.run(invocation);
}

function readOptions({ options }: Command, argv: readonly string[]): OptionValues {
  const known = Object.fromEntries(
    options.map(({ name, value }) => {
      return [name, { type: value === undefined ? "boolean" as const : "string" as const }];
    }),
  );
  const help = { type: "boolean", short: "h" } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: { ...known, help, version: { type: "boolean" } },
    }).values;
  } catch (error) {
    if (!codeOf(error).startsWith("ERR_PARSE_ARGS")) throw error;
    throw new UsageError(messageOf(error).replace(/\.$/, ""));
  }
}

function report(command: Command, error: unknown, { err }: Terminal, signal: AbortSignal): number {
  const say = (line: string) => err.write(`${labelled(err, "red", "error", line)}\n`);
  if (error instanceof UsageError) {
    say(`${error.message}; ${command.name} --help lists the options`);
    return EXIT.usage;
  }
  const isAborted = error instanceof KimiError && error.code === "aborted";
  if (signal.aborted || isAborted) {
    err.write(`${isAborted ? error.message : "Interrupted"}\n`);
    return EXIT.interrupted;
  }
  const denial = denialOf(error);
  say(denial === undefined ? messageOf(error) : explainDenial(denial, command.permissions));
  return EXIT.failure;
}

function labelled(err: Stream, style: Style, label: string, line: string): string {
  const text = wrapped(err, `${label}: ${line}`);
  return `${styled(err, style, `${label}:`)}${text.slice(label.length + 1)}`;
}

/**
 * Where a command's log lines go: those that matter to a person, on standard error.
 *
 * @param terminal The streams.
 * @returns The log of an {@linkcode Environment}.
 */
export function logOn({ err }: Terminal): Environment["log"] {
  return (level, message) => {
    if (level === "warn" || level === "error") {
      err.write(`${labelled(err, "yellow", level, message)}\n`);
    }
  };
}

/**
 * Runs a command as the process: with its arguments, its streams and its Ctrl-C.
 *
 * @param command The command.
 * @param argv What was typed behind its name.
 */
export async function main(
  command: Command,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  const code = await runCommand(command, argv, realTerminal(), interrupted.signal);
  // A connection that is kept alive would keep the process alive too.
  await new Promise<void>((resolve) => void process.stdout.write("", () => resolve()));
  process.exit(code);
}
