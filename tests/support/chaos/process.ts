/** Starts a script in a process that knows nothing but a home folder and a fake Kimi. */

import { join } from "@std/path";
import type { FakeKimi } from "../fake/kimi.ts";

/** How a script is started. */
export interface ScriptOptions {
  readonly args: readonly string[];
  readonly home: string;
  readonly fake: FakeKimi;
  readonly stdin?: "piped" | "inherit";
}

/** Starts a script; its output is piped, and its errors are shown. */
export function startScript(
  script: string,
  { args, home, fake, stdin = "inherit" }: ScriptOptions,
): Deno.ChildProcess {
  const { PATH = "", HOME = "", DENO_DIR = join(HOME, ".cache", "deno") } = Deno.env.toObject();
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", script, ...args],
    clearEnv: true,
    env: {
      PATH,
      DENO_DIR,
      HOME: home,
      XDG_DATA_HOME: join(home, "data"),
      KIMI_CODE_OAUTH_HOST: fake.url,
      KIMI_CODE_BASE_URL: fake.apiBase,
    },
    stdin,
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}
