/**
 * Runs the programs that the checks ask.
 *
 * @module
 */
import { type Outcome, runProcess } from "../../tests/support/process.ts";

/** What a program is given. */
export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment; that of this process where it is absent. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program.
 *
 * @returns What it wrote to its standard output and to its standard error.
 * @throws {Error} With all that it said, where it does not end with 0.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const outcome = await runProcess(program, { args, timeout: 300_000, ...options });
  const { code, stdout, stderr } = outcome;
  if (code === 0) return outcome;
  const command = [program, ...args].join(" ");
  throw new Error(`${command} ended with ${code}\n${stdout}\n${stderr}`);
}

/**
 * The environment of a user who has nothing but a home folder: no setting of npm from this machine,
 * and none of those that npx hands down as `npm_config_…`.
 *
 * @param home The home folder.
 */
export function freshEnvironment(home: string): Record<string, string> {
  const env: Record<string, string> = { HOME: home, USERPROFILE: home, DENO_NO_UPDATE_CHECK: "1" };
  const kept = ["PATH", "SystemRoot", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"];
  for (const name of kept) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}
