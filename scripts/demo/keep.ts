/** Keeps the stage of the demo, so that a person can go on by hand. */

import { join } from "@std/path";
import type { Stage } from "../../tests/support/opencode/journey.ts";
import { environment } from "../../tests/support/opencode/opencode.ts";
import { opencodeProgram } from "../../tests/support/tools.ts";
import { write } from "../shared/write.ts";

/** Writes a program that starts opencode on the stage, and waits for Ctrl-C. */
export async function keep({ opencode, kimi }: Stage, plugin: string): Promise<void> {
  const tui = join(opencode.home, ".config/opencode/tui.json");
  await Deno.writeTextFile(tui, JSON.stringify({ plugin: [plugin] }));
  const program = join(opencode.home, "opencode");
  const real = await opencodeProgram(opencode.version);
  await Deno.writeTextFile(program, startScript(real, opencode.home, kimi), { mode: 0o755 });
  write(`
The fake Kimi answers at ${kimi.url} until you press Ctrl-C here.
In another terminal, run

  ${program}

for the terminal interface (try /kimi-usage), or with arguments of opencode: run "Hello",
auth logout, auth login. Its home, the folder of that program, is removed afterwards.
`);
  await new Promise<void>((resolve) => Deno.addSignalListener("SIGINT", resolve));
}

/** A shell script that runs opencode as the demo did. */
export function startScript(
  program: string,
  home: string,
  kimi: { readonly url: string; readonly apiBase: string },
): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const { PATH: _, ...variables } = environment(home, { kimi });
  const exports = Object.entries(variables).map(([name, value]) =>
    `export ${name}=${quoted(value)}\n`
  );
  return `#!/bin/sh\n${exports.join("")}cd ${quoted(join(home, "project"))} || exit\n` +
    `exec ${quoted(program)} "$@"\n`;
}
