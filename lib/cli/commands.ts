/** The program of the npm package: `opencode-kimi-full login | doctor | usage`. */

import process from "node:process";
import { VERSION } from "../kimi/identity/constants.ts";
import { doctor } from "./doctor/doctor.ts";
import { login } from "./login/login.ts";
import { type Command, EXIT } from "./shared/command.ts";
import { main } from "./shared/run.ts";
import { processTerminal, type Terminal, wrapped } from "./shared/terminal.ts";
import { usage } from "./usage/usage.ts";

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [login, doctor, usage];

/** Runs the command that the first argument names; help of the program is written to `terminal`. */
export async function run(
  argv: readonly string[] = process.argv.slice(2),
  terminal?: Terminal,
): Promise<void> {
  const [name = "", ...rest] = argv;
  const command = COMMANDS.find((command) => command.name === name);
  if (command !== undefined) return await main(command, rest);
  const isHelp = ["help", "--help", "-h"].includes(name);
  const named = isHelp ? COMMANDS.find((command) => command.name === rest[0]) : undefined;
  if (named !== undefined) return await main(named, ["--help"]);
  const { out, err } = terminal ?? processTerminal();
  if (["--version", "-v"].includes(name)) return out.write(`${VERSION}\n`);
  const stream = isHelp ? out : err;
  const lines = COMMANDS.map(({ name, summary }) =>
    `  ${name.padEnd(8)}${wrapped(stream, summary, 10)}\n`
  );
  stream.write(
    `${isHelp || name === "" ? "" : `error: unknown command "${name}"\n`}` +
      `Usage: opencode-kimi-full <command> [options]\n\n${lines.join("")}\n` +
      "help <command> lists the options of a command\n",
  );
  if (!isHelp) process.exitCode = EXIT.usage;
}
