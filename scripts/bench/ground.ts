/**
 * What is there before anything is timed: Bun, the SDK, the peer, our package as it is built, and a
 * home folder with a login.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import { bunProgram, installTool } from "../../tests/support/tools.ts";
import { buildNpm } from "../build_npm.ts";
import type { Ground } from "./processes.ts";

const PEER = "opencode-kimi-oauth";

/** What the timed processes import, as it was when the numbers were first made. */
const TOOLS = [
  // The versions that opencode 1.18.33 ships.
  ["@ai-sdk/openai-compatible@2.0.41", { "@ai-sdk/provider-utils": "4.0.23", zod: "4.1.8" }],
  [`${PEER}@1.5.1`, { "@opencode-ai/plugin": "1.18.33" }],
  ["tinybench@6.2.3", {}],
] as const;

/** Seconds that the login is good for: no refresh is due while it is used. */
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
  await write(auth, JSON.stringify({ "kimi-for-coding-oauth": login(Date.now()) }, null, 2));
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

/** A login as long as a real one. */
function login(now: number): unknown {
  const claims = { iat: Math.floor(now / 1000), exp: Math.floor(now / 1000) + LIFETIME };
  const filling = { user_id: "u".repeat(20), scope: "kimi-code", device_id: "d".repeat(32) };
  const part = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  const token = [part({ alg: "none" }), part({ ...claims, ...filling }), "s".repeat(86)].join(".");
  return { type: "oauth", access: token, refresh: token, expires: claims.exp * 1000 };
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text, { mode: 0o600 });
}
