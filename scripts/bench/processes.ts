/** The Bun processes that are timed, and what they need: the peer, our build, and a login. */

import { dirname, fromFileUrl, join } from "@std/path";
import { bunProgram, installTool } from "../../tests/support/tools.ts";
import { buildNpm } from "../build_npm.ts";
import type { Places, SubjectName } from "./subjects.ts";
import type { Order, WorkerSetup } from "./worker.ts";

/** Where things are, and how Bun is started. */
export interface Ground extends Places {
  /** The built package. */
  readonly dir: string;
  readonly bun: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A process that returns the milliseconds of the fastest run of an order. */
export interface Worker extends AsyncDisposable {
  readonly measure: (order: Order) => Promise<number>;
}

const PEER = "opencode-kimi-oauth";

const TOOLS = [
  // The versions that opencode 1.18.33 ships.
  ["@ai-sdk/openai-compatible@2.0.41", { "@ai-sdk/provider-utils": "4.0.23", zod: "4.1.8" }],
  [`${PEER}@1.5.1`, { "@opencode-ai/plugin": "1.18.33" }],
  ["tinybench@6.2.3", {}],
] as const;

/** Seconds until the login expires: no refresh is due during the bench. */
const LIFETIME = 10 * 86_400;

/** Prepares everything below a folder. */
export async function prepareGround(folder: string): Promise<Ground> {
  const [bun, { dir }, ...modules] = await Promise.all([
    bunProgram(),
    buildNpm(join(folder, "package")),
    ...TOOLS.map(async ([spec, overrides]) =>
      join(await installTool(spec, { overrides }), "node_modules")
    ),
  ]);
  const home = join(folder, "home");
  const auth = join(home, ".local/share/opencode/auth.json");
  await writeLogin(auth, LIFETIME, LIFETIME);
  await write(join(home, ".kimi/device_id"), "0123456789abcdef0123456789abcdef");
  return {
    dir,
    bun,
    env: { HOME: home, NODE_PATH: modules.join(":") },
    ours: join(dir, "dist/server.js"),
    peer: join(modules[1] ?? "", PEER, "src/index.ts"),
    auth,
    api: "https://api.kimi.com/coding/v1",
  };
}

/** Stores a login as long as a real one, of which so many seconds are left; returns its refresh token. */
export async function writeLogin(path: string, left: number, lifetime = 900): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + left;
  const claims = { iat: exp - lifetime, exp, jti: crypto.randomUUID() };
  const filling = { user_id: "u".repeat(20), scope: "kimi-code", device_id: "d".repeat(32) };
  const part = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  const token = [part({ alg: "none" }), part({ ...claims, ...filling }), "s".repeat(86)].join(".");
  const login = { type: "oauth", access: token, refresh: token, expires: exp * 1000 };
  await write(path, JSON.stringify({ "kimi-for-coding-oauth": login }, null, 2));
  return token;
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text, { mode: 0o600 });
}

function command({ bun, env }: Ground, script: string, argument: string): Deno.Command {
  const path = fromFileUrl(new URL(script, import.meta.url));
  return new Deno.Command(bun, {
    args: ["--no-install", path, argument],
    ...{ env, clearEnv: true, cwd: env.HOME ?? "." },
    ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
  });
}

/** Starts the process of a subject. */
export function startWorker(ground: Ground, subject: SubjectName): Worker {
  const { ours, peer, auth, api } = ground;
  const setup: WorkerSetup = { subject, ours, peer, auth, api };
  const child = command(ground, "worker.ts", JSON.stringify(setup)).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const errors = new Response(child.stderr).text();
  const writer = child.stdin.getWriter();
  return {
    async measure(order) {
      // If the process has ended, reading tells why.
      await writer.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`)).catch(() => {});
      let line = "";
      while (!line.endsWith("\n")) {
        const { done, value } = await lines.read();
        if (done) throw new Error(`The process of "${subject}" ended: ${await errors}`);
        line += value;
      }
      return JSON.parse(line);
    },
    async [Symbol.asyncDispose]() {
      await writer.close().catch(() => {});
      await Promise.all([child.status, errors, lines.cancel()]);
    },
  };
}

/** Milliseconds that a fresh process takes to import a module. */
export async function importTime(ground: Ground, path: string): Promise<number> {
  const child = command(ground, "import.ts", path).spawn();
  await child.stdin.close();
  const { success, stdout, stderr } = await child.output();
  if (success) return Number(new TextDecoder().decode(stdout));
  throw new Error(`${path} could not be imported: ${new TextDecoder().decode(stderr)}`);
}
