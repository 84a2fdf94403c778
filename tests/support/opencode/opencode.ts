/**
 * Drives the real opencode, each time in a home folder of its own.
 *
 * @module
 */
import { dirname, join, relative } from "@std/path";
import { type Outcome, runProcess, TimeoutError } from "../process.ts";
import { opencodeProgram, type OpencodeVersion } from "../tools.ts";

/** The plugin's model, as `--model` takes it and `opencode models` prints it. */
export const MODEL = "kimi-for-coding-oauth/kimi-for-coding";

/** What a home is made with. */
export interface HomeOptions {
  readonly version: OpencodeVersion;
  /** What stands in `opencode.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Where the fake Kimi listens; without one, nobody does. */
  readonly kimi?: { readonly url: string; readonly apiBase: string };
  /** Variables beside those that every home has, or in their place. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder of `opencode.json`, relative to the home. */
  readonly configDir?: ".config/opencode" | ".opencode";
}

/** How a question is asked. */
export interface AskOptions {
  readonly model?: string;
  readonly variant?: string;
  /** Goes on with the last session. */
  readonly continue?: boolean;
}

/** One event of `opencode run --format json`. */
export interface RunEvent {
  readonly type: string;
  readonly sessionID: string;
  readonly part?: {
    readonly text?: string;
    readonly tool?: string;
    readonly tokens?: { readonly cache: { readonly read: number } };
  };
}

/** An answered question. */
export interface Answer extends Outcome {
  readonly events: readonly RunEvent[];
  /** The answer's text, without the tools' output. */
  readonly text: string;
  readonly sessionID: string | undefined;
  /** Prompt tokens that opencode took from its answers as read from the cache. */
  readonly cached: number;
}

/** An opencode with a home of its own, which goes when it is disposed. */
export interface Opencode extends AsyncDisposable {
  readonly home: string;
  readonly version: OpencodeVersion;
  /** Runs `opencode …args` in an empty project folder of the home. */
  command(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>;
  /** `opencode models`: the models' ids. */
  models(): Promise<string[]>;
  /** `opencode auth login` at kimi.com, or at the region of that end. */
  login(region?: "com" | "ai"): Promise<Outcome>;
  /** `opencode run --format json`. */
  ask(message: string, options?: AskOptions): Promise<Answer>;
  /** The text of `auth.json`; empty where there is none. */
  readAuth(): Promise<string>;
  writeAuth(text: string): Promise<void>;
  /** Every file below the home, by its relative path, sorted. */
  listFiles(): Promise<string[]>;
}

const LOGIN = ["auth", "login", "-p", "kimi-for-coding-oauth", "-m"];

/** Makes a home for opencode and writes its configuration. */
export async function openOpencode(options: HomeOptions): Promise<Opencode> {
  const program = await opencodeProgram(options.version);
  const home = await Deno.makeTempDir({ prefix: "opencode-e2e-" });
  const configDir = join(home, options.configDir ?? ".config/opencode");
  for (const dir of [configDir, join(home, "project"), join(home, "tmp")]) {
    await Deno.mkdir(dir, { recursive: true });
  }
  await writeJson(join(configDir, "opencode.json"), options.config);
  await settle(join(home, ".config/opencode"), options.version);
  const auth = join(home, ".local/share/opencode/auth.json");
  const command: Opencode["command"] = (args, env = {}) =>
    run(program, home, args, { ...environment(home, options), ...options.env, ...env });
  return {
    home,
    version: options.version,
    command,
    models: async () => succeeded(await command(["models"])).stdout.trim().split(/\s+/),
    login: (region = "com") => command([...LOGIN, `Kimi account (kimi.${region})`]),
    ask: async (message, asked = {}) => answer(await command(["run", ...flags(asked), message])),
    readAuth: () => Deno.readTextFile(auth).catch(() => ""),
    writeAuth: async (text) => {
      await Deno.mkdir(dirname(auth), { recursive: true });
      await Deno.writeTextFile(auth, text, { mode: 0o600 });
    },
    listFiles: async () => (await Array.fromAsync(walk(home))).map((p) => relative(home, p)).sort(),
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

/** The outcome, where the program ended well. */
export function succeeded<T extends Outcome>(outcome: T): T {
  if (outcome.code === 0) return outcome;
  throw new Error(`opencode ended with ${outcome.code}\n${outcome.stdout}\n${outcome.stderr}`);
}

/**
 * Keeps opencode from installing `@opencode-ai/plugin`, which no test needs, into a configuration
 * folder: it does so unless `node_modules` is there and the lock file names the package (1.18.33,
 * `Npm.install`).
 */
export async function settle(configDir: string, version: OpencodeVersion): Promise<void> {
  await Deno.mkdir(join(configDir, "node_modules"), { recursive: true });
  const manifest = join(configDir, "package.json");
  const found = await Deno.readTextFile(manifest).then(JSON.parse, () => ({}));
  const dependencies = { ...found.dependencies, "@opencode-ai/plugin": version };
  await writeJson(manifest, { ...found, dependencies });
  await writeJson(join(configDir, "package-lock.json"), { packages: { "": { dependencies } } });
}

/** The whole environment of an opencode in such a home. */
export function environment(
  home: string,
  { kimi }: Pick<HomeOptions, "kimi">,
): Record<string, string> {
  const nobody = "http://127.0.0.1:9";
  const env: Record<string, string> = {
    HOME: home,
    TMPDIR: join(home, "tmp"),
    OPENCODE_DISABLE_MODELS_FETCH: "1",
    OPENCODE_DISABLE_AUTOUPDATE: "1",
    KIMI_CODE_OAUTH_HOST: kimi?.url ?? nobody,
    KIMI_CODE_BASE_URL: kimi?.apiBase ?? nobody,
  };
  for (const name of ["PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}

async function run(
  program: string,
  home: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Outcome> {
  try {
    return await runProcess(program, { args, env, cwd: join(home, "project"), timeout: 90_000 });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    const { stdout, stderr } = error.outcome;
    const log = await lastLog(join(home, ".local/share/opencode/log"));
    throw new Error(`${error.message}\n${stdout}\n${stderr}\n${log}`, { cause: error });
  }
}

async function lastLog(dir: string): Promise<string> {
  const logs = (await Array.fromAsync(walk(dir)).catch(() => [])).sort();
  const last = logs.at(-1);
  if (last === undefined) return "opencode wrote no log";
  return (await Deno.readTextFile(last)).split("\n").slice(-40).join("\n");
}

function flags(asked: AskOptions): string[] {
  const variant = asked.variant === undefined ? [] : ["--variant", asked.variant];
  const again = asked.continue === true ? ["--continue"] : [];
  return ["--format", "json", "--model", asked.model ?? MODEL, ...variant, ...again];
}

function answer(outcome: Outcome): Answer {
  const events: RunEvent[] = outcome.stdout.split("\n").filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  return {
    ...outcome,
    events,
    text: events.filter(({ type }) => type === "text").map(({ part }) => part?.text ?? "").join(""),
    sessionID: events[0]?.sessionID,
    cached: events.reduce((sum, { part }) => sum + (part?.tokens?.cache.read ?? 0), 0),
  };
}

async function* walk(dir: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(dir)) {
    const path = join(dir, entry.name);
    if (entry.isDirectory) yield* walk(path);
    else yield path;
  }
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, JSON.stringify(value, null, 2) + "\n");
}
