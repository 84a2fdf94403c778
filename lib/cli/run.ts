/**
 * What is the same for each command: options, `--help`, `--version`, exit codes, Ctrl-C.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import type { Environment } from "../auth/environment.ts";
import { VERSION } from "../protocol/clients.ts";
import { KimiError, messageOf } from "../protocol/error.ts";
import { codeOf } from "../runtime/files.ts";
import { type Command, EXIT, type OptionValues, UsageError } from "./command.ts";
import { helpOf } from "./help.ts";
import { denialOf, explainDenial } from "./permission.ts";
import { realTerminal, styled, type Terminal } from "./terminal.ts";

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
    if (values.help === true) terminal.out.write(helpOf(command));
    else if (values.version === true) terminal.out.write(`${VERSION}\n`);
    else return await command.run({ values, terminal, signal });
    return EXIT.ok;
  } catch (error) {
    return report(command, error, terminal, signal);
  }
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
  const say = (line: string) => err.write(`${styled(err, "red", "error:")} ${line}\n`);
  if (error instanceof UsageError) {
    say(`${error.message}; ${command.name} --help lists the options`);
    return EXIT.usage;
  }
  if (signal.aborted || (error instanceof KimiError && error.code === "aborted")) {
    err.write("Interrupted: nothing was changed\n");
    return EXIT.interrupted;
  }
  const denial = denialOf(error);
  say(denial === undefined ? messageOf(error) : explainDenial(denial, command.permissions));
  return EXIT.failure;
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
      err.write(`${styled(err, "yellow", level)}: ${message}\n`);
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
