/** Runs the real kimi-code in ways that opencode beside it does not take. */

import { fromFileUrl, join } from "@std/path";
import type { KimiCode } from "../../../tests/support/clients/kimi_code.ts";
import { PINNED } from "../../../tests/support/clients/real_client.ts";
import { type FakeKimi, startFakeKimi } from "../../../tests/support/fake/kimi.ts";
import { type Chat, chatsOf } from "../../../tests/support/opencode/wire.ts";
import { runProcess } from "../../../tests/support/process.ts";
import { run } from "../../shared/run.ts";

/** Chats that belong together, and what they were made with. */
export interface Session {
  readonly name: string;
  readonly effort: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly chats: readonly Chat[];
}

/** Tools of an MCP server, as it describes them. */
export const MCP_TOOLS = [
  {
    name: "picture",
    description: "Returns a picture",
    inputSchema: {
      type: "object",
      properties: { where: {}, kind: { enum: ["png", "jpeg"] }, size: { minimum: 1 } },
    },
  },
  {
    name: "a_first",
    description: "Is sorted to the front",
    inputSchema: {
      type: "object",
      properties: { item: { $ref: "#/$defs/Item" }, list: { items: { const: 1 } } },
      required: ["item"],
      $defs: { Item: { properties: { name: { minLength: 1 } } } },
    },
  },
];

const SERVER = fromFileUrl(new URL("mcp_server.mjs", import.meta.url));

/** Logs in, and asks in several sessions. */
export async function runSessions(kimi: KimiCode, home: string): Promise<readonly Session[]> {
  const identity = kimi.version === PINNED[kimi.name] ? kimi.name : "any";
  await using fake = await startFakeKimi({ identity, deviceInterval: 1 });
  const cwd = join(home, "sessions");
  const project = join(cwd, "project");
  await Deno.mkdir(project, { recursive: true });
  const env = kimi.environment(cwd, fake);
  const folder = env.KIMI_CODE_HOME ?? "";
  const setThinking = async (lines: string) => {
    const path = join(folder, "config.toml");
    const config = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, config.replace(/(?<=\n\[thinking\]\n).*?(?=\n\n)/s, lines));
  };
  // It fails if the service refuses what it sends: that is one of the things to see.
  const ask = (question: string, again = false, variables = {}) =>
    runProcess(kimi.program, {
      args: kimi.ask(question, again),
      env: { ...env, ...variables },
      cwd: project,
      timeout: 120_000,
    });
  const session = async (
    name: string,
    effort: string,
    work: () => Promise<unknown>,
    variables = {},
  ) => {
    fake.forgetRequests();
    await work();
    return { name, effort, variables, chats: chatsOf(fake.requests) };
  };
  await run(kimi.program, kimi.login, { env, cwd: project });
  await Deno.writeTextFile(join(folder, "mcp.json"), mcpConfig(kimi));
  const keepsNothing = { KIMI_MODEL_THINKING_KEEP: "off" };
  const sessions = [
    await session("MCP tools, a picture, an id again, --continue", "default", async () => {
      await ask("[[call:mcp__parity__picture {}]]");
      repeatId(fake);
      await ask("Again", true);
    }),
  ];
  await setThinking('enabled = true\neffort = "low"');
  sessions.push(
    await session("a 401, effort low, keep off", "low", async () => {
      fake.expireAccessTokens();
      await ask("[[bash]] NOREASON", false, keepsNothing);
    }, keepsNothing),
  );
  await setThinking("enabled = false");
  sessions.push(await session("thinking off", "off", () => ask("[[bashtext]]")));
  return sessions;
}

function mcpConfig({ program }: KimiCode): string {
  const parity = { command: program, args: [SERVER, JSON.stringify(MCP_TOOLS)] };
  return JSON.stringify({ mcpServers: { parity } });
}

/** Two calls of one id, in answers that follow each other, with arguments that no client writes so. */
function repeatId({ settings }: FakeKimi): void {
  const call = (text: string) => ({ id: "Bash:0", name: "Bash", arguments: text });
  settings.answers.push(
    { reasoning: "one", toolCalls: [call('{ "command" : "echo 1" }')] },
    { reasoning: "two", toolCalls: [call('{"command":"echo \\u0032"}')] },
    { text: "done" },
  );
}
