/** Runs the programs that scripts need. */

import { type Outcome, runProcess } from "../../tests/support/process.ts";

export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment; that of this process if absent. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program, and throws with its whole output if it does not exit with 0. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const outcome = await runProcess(program, { args, timeout: 300_000, ...options });
  const { code, stdout, stderr } = outcome;
  if (code === 0) return outcome;
  throw new Error(`${[program, ...args].join(" ")} exited with ${code}\n${stdout}\n${stderr}`);
}

/** The environment of a user with nothing but a home folder: no settings of npm, not even npx's. */
export function freshEnvironment(home: string): Record<string, string> {
  const env: Record<string, string> = { HOME: home, USERPROFILE: home, DENO_NO_UPDATE_CHECK: "1" };
  const kept = ["PATH", "SystemRoot", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"];
  for (const name of kept) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}
