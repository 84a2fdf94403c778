/**
 * `opencode-kimi-full login | doctor | usage`, as npm installs it.
 *
 * @module
 */

import type { Command } from "./shared/command.ts";
import { doctor } from "./doctor/doctor.ts";
import { login } from "./login/login.ts";
import { main } from "./main.ts";
import { usage } from "./usage/usage.ts";

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [login, doctor, usage];

/** Runs the command that the first argument names. */
export function run(): Promise<void> {
  return main(COMMANDS);
}
