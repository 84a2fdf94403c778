/** A Python that can run kimi-cli, and kimi-cli in an environment of its own. */

import { userInfo } from "node:os";
import { fromFileUrl, join } from "@std/path";
import { KIMI_CLI_VERSION } from "../../../lib/kimi/identity/constants.ts";
import { runProcess } from "../process.ts";
import type { RealClient, Service } from "./real_client.ts";

/** An installed kimi-cli. */
export interface KimiCli extends RealClient {
  /** The Python that imports it. */
  readonly python: string;
}

/** The message if there is none. */
export const NO_PYTHON = "no Python >= 3.12 that runs kimi-cli on PATH, in PYENV_ROOT or ~/.pyenv";

const CACHE = fromFileUrl(new URL("../../../.cache", import.meta.url));
const BIN = Deno.build.os === "windows" ? "Scripts" : "bin";

/** On PATH, in the order in which they are tried: the vectors were made with 3.13. */
const NAMES = ["python3.13", "python3.12", "python3.14", "python3", "python"];

/**
 * What kimi-cli needs of a Python. The syntax is that of 3.12, whose first releases fail at the last
 * line; some distributions leave out `ensurepip`.
 */
const PROBE = `
import ensurepip, venv
from dataclasses import dataclass
@dataclass(frozen=True, slots=True)
class Command[F]:
    name: str
Command[int]("probe")
`;

/** Finds the path or name of a Python >= 3.12; undefined if there is none. */
export async function findPython(): Promise<string | undefined> {
  for (const candidate of [...NAMES, ...await pyenvPythons()]) {
    if (await runsKimi(candidate)) return candidate;
  }
  return undefined;
}

async function runsKimi(program: string): Promise<boolean> {
  const how = { args: ["-c", PROBE], timeout: 20_000 };
  return await runProcess(program, how).then(({ code }) => code === 0, () => false);
}

async function pyenvPythons(): Promise<string[]> {
  const roots = [Deno.env.get("PYENV_ROOT"), join(userInfo().homedir, ".pyenv")];
  const found: string[] = [];
  for (const root of new Set(roots)) {
    if (root === undefined || root === "") continue;
    const versions = join(root, "versions");
    const names = await Array.fromAsync(Deno.readDir(versions), ({ name }) => name).catch(() => []);
    found.push(
      ...names.filter((name) => /^3\.1[2-4]\./.test(name))
        .map((name) => join(versions, name, BIN, "python")),
    );
  }
  return found.sort((one, other) => minorOf(one) - minorOf(other));
}

/** 3.13 comes first. */
function minorOf(path: string): number {
  const minor = Number(/3\.(\d+)\.\d+\D*$/.exec(path)?.[1]);
  return Math.abs(minor - 13);
}

/** Installs kimi-cli from PyPI into `.cache/`, unless it is there; `tell` gets a line if it is not. */
export async function installKimiCli(
  python: string,
  tell: (line: string) => void,
  version: string = KIMI_CLI_VERSION,
): Promise<KimiCli> {
  const folder = join(CACHE, `kimi-cli-${version}`);
  // Written last: a folder that has it is complete. A virtual environment cannot be renamed into place.
  const finished = join(folder, "installed");
  const own = join(folder, BIN, "python");
  await Deno.mkdir(CACHE, { recursive: true });
  using lock = await Deno.open(`${folder}.lock`, { create: true, write: true });
  await lock.lock(true);
  if (!await exists(finished) || !await exists(own)) {
    tell(`Installing kimi-cli ${version} from PyPI into .cache/, once\n\n`);
    if (await exists(folder)) await Deno.remove(folder, { recursive: true });
    await run(python, ["-m", "venv", folder]);
    const how = ["--quiet", "--no-compile", "--disable-pip-version-check"];
    await run(own, ["-m", "pip", "install", ...how, `kimi-cli==${version}`]);
    await Deno.writeTextFile(finished, "");
  }
  return {
    name: "kimi-cli",
    version,
    python: own,
    program: join(folder, BIN, "kimi"),
    login: ["login", "--json"],
    ask: (question, again) => [
      ...["--print", "--thinking", ...(again ? ["--continue"] : [])],
      ...["--prompt", question],
    ],
    environment: (home, service, deviceHome = home) =>
      kimiEnvironment(home, service, join(deviceHome, ".kimi")),
  };
}

/** The environment for kimi-cli: nothing of the user's, no telemetry, and only this service. */
export function kimiEnvironment(
  home: string,
  service: Service,
  shareDir: string = join(home, ".kimi"),
): Record<string, string> {
  return {
    HOME: home,
    USERPROFILE: home,
    KIMI_SHARE_DIR: shareDir,
    KIMI_DISABLE_TELEMETRY: "1",
    KIMI_CODE_OAUTH_HOST: service.url,
    KIMI_CODE_BASE_URL: service.apiBase,
    // `kimi login` opens one.
    BROWSER: "true",
    NO_COLOR: "1",
    PYTHONUTF8: "1",
    // Compiled once, and not beside our own files.
    PYTHONPYCACHEPREFIX: join(CACHE, `kimi-cli-${KIMI_CLI_VERSION}`, "compiled"),
    PATH: Deno.env.get("PATH") ?? "",
    TMPDIR: home,
  };
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await runProcess(program, { args, timeout: 300_000 });
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}\n${stderr}`);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
