/** Runs commands in a process and a temporary home folder, under Deno with their permissions only. */

import { fromFileUrl, join } from "@std/path";
import type { Command } from "../../lib/cli/shared/command.ts";
import type { FakeKimi } from "../support/fake/kimi.ts";
import { type Outcome, runProcess } from "../support/process.ts";

/** The repository. */
export const ROOT = fromFileUrl(new URL("../..", import.meta.url));

/** A temporary home folder, removed when it is disposed. */
export interface Home extends AsyncDisposable {
  /** The folder. */
  readonly path: string;
  /** opencode's data folder in it, not created yet. */
  readonly data: string;
  /** auth.json in the data folder. */
  readonly auth: string;
  /** Writes a file, given by its path in the home, and creates its folders. */
  readonly write: (path: string, text: string) => Promise<void>;
  /** The text of auth.json, or undefined if there is none. */
  readonly readAuth: () => Promise<string | undefined>;
  /** Paths of all files and empty folders in the home, sorted. */
  readonly list: () => Promise<readonly string[]>;
}

/** Creates a home folder. */
export async function makeHome(): Promise<Home> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "kimi-cli-" }));
  const data = join(path, ".local/share/opencode");
  const auth = join(data, "auth.json");
  return {
    path,
    data,
    auth,
    async write(name, text) {
      await Deno.mkdir(join(path, name, ".."), { recursive: true });
      await Deno.writeTextFile(join(path, name), text);
    },
    readAuth: () => Deno.readTextFile(auth).catch(() => undefined),
    list: async () => (await listed(path, "")).sort(),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function listed(root: string, below: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(root, below)));
  if (entries.length === 0 && below !== "") return [below];
  const nested = entries.map(({ name, isDirectory }) => {
    const path = join(below, name);
    return isDirectory ? listed(root, path) : Promise.resolve([path]);
  });
  return (await Promise.all(nested)).flat();
}

/** How a command is run. */
export interface RunOptions {
  /** Its home folder. */
  readonly home: Pick<Home, "path">;
  /** The service; if absent, nothing listens on its port. */
  readonly kimi?: Pick<FakeKimi, "url" | "apiBase">;
  /** Additional variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Deno's flags, instead of those that the command needs. */
  readonly flags?: readonly string[];
}

/** The hosts of the service, which the fake replaces. */
const KIMI_HOST = /\b(?:auth|api)\.kimi\.(?:com|ai)\b/g;

/** A port that nothing listens on. */
const NOBODY = { url: "http://127.0.0.1:59", apiBase: "http://127.0.0.1:59/coding/v1" };

/** The flags that a command needs, with this home instead of `$HOME` and the fake instead of Kimi. */
export function smallestFlags(
  { permissions }: Pick<Command, "permissions">,
  { home, kimi = NOBODY }: Pick<RunOptions, "home" | "kimi">,
): readonly string[] {
  const { host } = new URL(kimi.url);
  return permissions.map(({ flag, value }) => {
    const filled = value.replaceAll("$HOME", home.path).replace(KIMI_HOST, host);
    return filled === "" ? flag : `${flag}=${filled}`;
  });
}

/** All environment variables of a command: those that every process needs, and those of the test. */
export function environmentOf(
  { home, kimi = NOBODY, env = {} }: RunOptions,
): Record<string, string> {
  const own = Deno.env.toObject();
  const names = ["PATH", "DENO_DIR", "DENO_TLS_CA_STORE", "DENO_CERT", "NODE_EXTRA_CA_CERTS"];
  const kept = names.flatMap((name) => own[name] === undefined ? [] : [[name, own[name]]]);
  return {
    // By default, Deno looks for its cache in the home.
    DENO_DIR: join(
      own.HOME ?? "",
      Deno.build.os === "darwin" ? "Library/Caches" : ".cache",
      "deno",
    ),
    ...Object.fromEntries(kept),
    NO_COLOR: "1",
    HOME: home.path,
    KIMI_CODE_OAUTH_HOST: kimi.url,
    KIMI_CODE_BASE_URL: kimi.apiBase,
    ...env,
  };
}

/** The arguments of Deno that run a command, by default with exactly the flags that it needs. */
export function denoArguments(
  command: Command,
  args: readonly string[],
  options: RunOptions,
): readonly string[] {
  const flags = options.flags ?? smallestFlags(command, options);
  return [
    "run",
    "--quiet",
    "--no-prompt",
    ...flags,
    `lib/cli/${command.name}/${command.name}.ts`,
    ...args,
  ];
}

/** Runs a command under Deno, by default with exactly the flags that it needs. */
export async function runUnderDeno(
  command: Command,
  args: readonly string[],
  options: RunOptions,
): Promise<Outcome> {
  return await runProcess(Deno.execPath(), {
    args: denoArguments(command, args, options),
    cwd: ROOT,
    env: environmentOf(options),
    timeout: 60_000,
  });
}
