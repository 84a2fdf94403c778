/** Finds installed programs and their versions, of which npm's are known without running them. */

import { delimiter, dirname, isAbsolute, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { parseObject, text } from "../../../kimi/util/json.ts";
import { denoApi } from "../../../runtime/globals.ts";
import { denialOf } from "../../shared/deno_permissions.ts";

/** A path, or a name if only the system looked for it, and what told its version, if anything. */
export type Program = Awaited<ReturnType<typeof findPrograms>>[number];

const TIMEOUT_MS = 5_000;

/** Lists the programs of a name in the order of PATH, each file once. */
export async function findPrograms(name: string) {
  const paths = await pathsOf(name);
  const found = await Promise.all(paths.map(async (path) => {
    try {
      const said = await packageVersion(name, path) ?? await versionOf(path);
      return [{ path, said: said.trim() }];
    } catch (error) {
      if (denialOf(error) !== undefined) throw error;
      return path === name ? [] : [{ path, said: "" }];
    }
  }));
  return found.flat();
}

/** Deno would need a permission for each folder of PATH, and Windows runs scripts by name. */
async function pathsOf(name: string): Promise<readonly string[]> {
  if (denoApi() !== undefined || process.platform === "win32") return [name];
  const { access, constants, realpath } = await import("node:fs/promises");
  const files = new Map<string, string>();
  for (const folder of (process.env.PATH ?? "").split(delimiter).filter((at) => at !== "")) {
    const path = join(folder, name);
    const file = await access(path, constants.X_OK).then(() => realpath(path), () => "");
    if (file !== "" && !files.has(file)) files.set(file, path);
  }
  return [...files.values()];
}

/** The version in the package.json beside a program, or above its folder. */
async function packageVersion(program: string, path: string): Promise<string | undefined> {
  if (!isAbsolute(path)) return undefined;
  const { readFile, realpath } = await import("node:fs/promises");
  const folder = dirname(await realpath(path));
  const texts = [folder, dirname(folder)].map((at) =>
    readFile(join(at, "package.json"), "utf8").catch(() => "")
  );
  const manifests = (await Promise.all(texts)).map(parseObject);
  // A package.json of the user's own may stand above a folder for programs.
  return text(manifests.find((manifest) => text(manifest?.name)?.includes(program))?.version);
}

/** Nothing but `--version`: kimi-cli 1.52.0 without an argument installs its successor. */
async function versionOf(path: string): Promise<string> {
  const deno = denoApi();
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  if (deno !== undefined) {
    const streams = { stdin: "null", stdout: "piped", stderr: "null" } as const;
    const command = new deno.Command(path, { args: ["--version"], ...streams, signal });
    return new TextDecoder().decode((await command.output()).stdout);
  }
  const { execFile } = await import("node:child_process");
  // Windows runs npm's scripts in a shell only, for which Node wants one text.
  const shell = process.platform === "win32";
  const [program, args] = shell ? [`${path} --version`, []] : [path, ["--version"]];
  const options = { signal, shell, killSignal: "SIGKILL", windowsHide: true } as const;
  const run = promisify(execFile)(program, args, options);
  run.child.stdin?.end();
  return (await run).stdout;
}
