/**
 * `opencode-kimi-full login | doctor | usage`, as npm installs it.
 *
 * @module
 */

import process from "node:process";
import { VERSION } from "../kimi/identity/constants.ts";
import { type Command, EXIT } from "./shared/command.ts";
import { main as runMain } from "./shared/run.ts";
import { realTerminal } from "./shared/terminal.ts";

/**
 * Runs the command that the first argument names.
 *
 * @param commands The commands.
 * @param argv What was typed.
 */
export async function main(
  commands: readonly Command[],
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const [name = "", ...rest] = argv;
  const command = commands.find((command) => command.name === name);
  if (command !== undefined) return await runMain(command, rest);
  const { out, err } = realTerminal();
  if (name === "--version") return out.write(`${VERSION}\n`);
  const isAsked = name === "--help" || name === "-h";
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(8)}${summary}\n`);
  (isAsked ? out : err).write(
    `${isAsked || name === "" ? "" : `error: there is no command "${name}"\n`}` +
      `Usage: opencode-kimi-full <command> [options]\n\n${lines.join("")}`,
  );
  if (!isAsked) process.exitCode = EXIT.usage;
}
