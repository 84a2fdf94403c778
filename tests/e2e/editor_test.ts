/** Editors drive opencode over the Agent Client Protocol. */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { isObject, type JsonObject, parseObject } from "../../lib/kimi/util/json.ts";
import { startFakeKimi } from "../support/fake/kimi.ts";
import { environment, MODEL, openOpencode, succeeded } from "../support/opencode/opencode.ts";
import { chatsOf, effortFaults } from "../support/opencode/wire.ts";
import { builtPackage } from "../support/package.ts";
import { OPENCODE_VERSIONS, opencodeProgram, type OpencodeVersion } from "../support/tools.ts";

for (const version of OPENCODE_VERSIONS) {
  Deno.test(`opencode ${version}, contract 5: if an editor chooses nothing, the model thinks`, async () => {
    await using built = await builtPackage();
    await using kimi = await startFakeKimi({ deviceInterval: 1 });
    const plugin = [`opencode-kimi-full@file:${built.tarball}`];
    const config = { plugin, model: MODEL };
    await using opencode = await openOpencode({ version, config, kimi });
    succeeded(await opencode.login());
    const env = environment(opencode.home, { kimi });
    const answer = await promptInEditor(version, join(opencode.home, "project"), env);
    assertEquals(answer.stopReason, "end_turn");
    const chats = chatsOf(kimi.requests);
    const asked = chats.filter(({ title }) => !title);
    assertEquals(asked.length, 1);
    assertEquals(asked.flatMap((chat) => effortFaults(chat, undefined)), []);
    const titles = chats.filter(({ title }) => title);
    assertEquals(titles.flatMap((chat) => effortFaults(chat, "off")), []);
  });
}

/** Asks one question as an editor does that chooses neither model nor effort. */
async function promptInEditor(
  version: OpencodeVersion,
  cwd: string,
  env: Record<string, string>,
): Promise<JsonObject> {
  const program = await opencodeProgram(version);
  const child = new Deno.Command(program, {
    args: ["acp"],
    cwd,
    env,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), 90_000);
  const writer = child.stdin.getWriter();
  const call = caller(child.stdout, (line) => writer.write(new TextEncoder().encode(line)));
  try {
    await call("initialize", { protocolVersion: 1, clientCapabilities: {} });
    const { sessionId } = await call("session/new", { cwd, mcpServers: [] });
    const prompt = [{ type: "text", text: "Hello" }];
    return await call("session/prompt", { sessionId, prompt });
  } finally {
    clearTimeout(timer);
    await writer.close().catch(() => {});
    child.kill("SIGKILL");
    await child.status;
  }
}

/** Calls methods one after the other; notifications are left out. */
function caller(stdout: ReadableStream<Uint8Array>, write: (line: string) => Promise<void>) {
  const reader = stdout.pipeThrough(new TextDecoderStream()).getReader();
  let id = 0;
  let rest = "";
  async function line(): Promise<string> {
    for (;;) {
      const end = rest.indexOf("\n");
      if (end !== -1) {
        const found = rest.slice(0, end);
        rest = rest.slice(end + 1);
        return found;
      }
      const { value, done } = await reader.read();
      if (done) throw new Error(`opencode acp ended: ${rest}`);
      rest += value;
    }
  }
  return async (method: string, params: JsonObject): Promise<JsonObject> => {
    await write(`${JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params })}\n`);
    for (;;) {
      const message = parseObject(await line());
      if (message?.id !== id || "method" in message) continue;
      if (isObject(message.result)) return message.result;
      throw new Error(`${method}: ${JSON.stringify(message.error)}`);
    }
  };
}
