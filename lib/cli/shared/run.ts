/** Runs commands: options, `--help`, `--version`, errors, exit codes, Ctrl-C. */

import process from "node:process";
import { parseArgs } from "node:util";
import type { Environment } from "../../client/environment.ts";
import { VERSION } from "../../kimi/identity/constants.ts";
import { KimiError, messageOf } from "../../kimi/errors/kimi_error.ts";
import { codeOf } from "../../runtime/fs/errors.ts";
import { type Command, EXIT, type Option, type OptionValues, UsageError } from "./command.ts";
import { formatHelp } from "./help.ts";
import { describeError, willPrompt } from "./deno_permissions.ts";
import { processTerminal, type Stream, styled, type Terminal, wrapped } from "./terminal.ts";
import { inCommandWords } from "./words.ts";

/** Runs a command with the arguments after its name, and returns the exit code. */
export async function runCommand(
  command: Command,
  argv: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  try {
    const values = parseOptions(command, argv);
    if (values.help === true) terminal.out.write(formatHelp(command, terminal.out));
    else if (values.version === true) terminal.out.write(`${VERSION}\n`);
    else {
      announcePrompts(command, terminal.err);
      return await command.run({ values, terminal, signal });
    }
    return EXIT.ok;
  } catch (error) {
    return reportError(command, error, terminal, signal);
  }
}

function announcePrompts({ name, permissions }: Command, err: Stream): void {
  if (!err.isTerminal || !willPrompt(permissions)) return;
  const line = "Deno will ask for each permission; answer A to allow all of one kind. " +
    `${name} --help lists what each is for, and the flags that allow them in advance`;
  err.write(`${wrapped(err, line)}\n`);
}

function parseOptions({ options }: Command, argv: readonly string[]): OptionValues {
  const typeOf = ({ value }: Option) => value === undefined ? "boolean" : "string";
  const known = Object.fromEntries(
    options.map((option) => [option.name, { type: typeOf(option) }]),
  );
  const help = { type: "boolean", short: "h" } as const;
  try {
    const options = { ...known, help, version: { type: "boolean", short: "v" } } as const;
    const args = argv.length === 1 && argv[0] === "help" ? ["--help"] : [...argv];
    return parseArgs({ args, options }).values;
  } catch (error) {
    if (!codeOf(error).startsWith("ERR_PARSE_ARGS")) throw error;
    throw new UsageError(messageOf(error).replace(/\.$/, ""));
  }
}

function reportError(
  { name, permissions }: Command,
  error: unknown,
  { err }: Terminal,
  signal: AbortSignal,
): number {
  const print = (line: string) => err.write(`${labelled(err, "red", "error", line)}\n`);
  if (error instanceof UsageError) {
    print(`${error.message}; ${name} --help lists the options`);
    return EXIT.usage;
  }
  const isAborted = error instanceof KimiError && error.code === "aborted";
  if (signal.aborted || isAborted) {
    err.write(`${wrapped(err, isAborted ? error.message : "Interrupted")}\n`);
    return EXIT.interrupted;
  }
  print(inCommandWords(describeError(error, permissions)));
  return EXIT.failure;
}

function labelled(err: Stream, style: "red" | "yellow", label: string, line: string): string {
  const text = wrapped(err, `${label}: ${line}`);
  return `${styled(err, style, `${label}:`)}${text.slice(label.length + 1)}`;
}

/** A log that prints warnings and errors on standard error. */
export function createLog({ err }: Terminal): Environment["log"] {
  return (level, message) => {
    if (level === "warn" || level === "error") {
      err.write(`${labelled(err, "yellow", level, inCommandWords(message))}\n`);
    }
  };
}

/** Runs a command with the arguments and streams of this process, and ends the process. */
export async function main(
  command: Command,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  const code = await runCommand(command, argv, processTerminal(), interrupted.signal);
  // Output may still be buffered; open connections would keep the process alive without exit().
  await new Promise<void>((resolve) => void process.stdout.write("", () => resolve()));
  process.exit(code);
}
