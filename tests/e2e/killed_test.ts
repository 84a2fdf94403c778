/** opencode is killed while a tool runs, and goes on with the session after its next start. */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { objectOf } from "../../lib/kimi/util/json.ts";
import { serve, serveLoggedIn } from "../support/opencode/server.ts";
import { builtPackage } from "../support/package.ts";
import { runProcess } from "../support/process.ts";
import { OPENCODE_VERSIONS } from "../support/tools.ts";

/** Two calls in one answer: the first ends, and the second reads until the test writes. */
const CALLS = [
  { id: "bash:0", name: "bash", arguments: '{"command":"echo done","description":"Ends"}' },
  { id: "bash:1", name: "bash", arguments: '{"command":"cat held","description":"Waits"}' },
] as const;

for (const version of OPENCODE_VERSIONS) {
  Deno.test(`opencode ${version} that was killed in a tool has its next question answered`, async () => {
    await using built = await builtPackage();
    await using stage = await serveLoggedIn(version, built.dir);
    const { kimi, opencode, server } = stage;
    const held = join(opencode.home, "project/held");
    await runProcess("mkfifo", { args: [held], timeout: 10_000 });
    kimi.settings.answers.push({ reasoning: "I run two.", text: "Two.", toolCalls: CALLS });
    const session = await server.session();
    const question = server.ask(session, "Run two tools").catch(() => "killed");
    const states = new Map<unknown, unknown>();
    await server.until(({ properties: { part } }) => {
      const { callID, state } = objectOf(part);
      states.set(callID, objectOf(state).status);
      return states.get("bash:0") === "completed" && states.get("bash:1") === "running";
    });
    await server[Symbol.asyncDispose]();
    assertEquals(await question, "killed");
    // The tool outlives opencode: this ends it.
    (await Deno.open(held, { read: true, write: true })).close();

    await using next = await serve(opencode, { kimi });
    const { parts } = await next.ask(session, "And now?");
    assertMatch(JSON.stringify(parts), /"type":"text","text":"Hello from the fake Kimi/);
    const chats = kimi.requestsOf("chat");
    assertEquals(chats.map(({ status }) => status), [200, 200]);
    const messages: readonly { readonly role: string }[] =
      JSON.parse(chats.at(-1)?.body ?? "").messages;
    const answers = messages.filter(({ role }) => role === "tool");
    assertEquals<unknown>(answers, [
      { role: "tool", content: "done\n", tool_call_id: "bash:0" },
      { role: "tool", content: "[Tool execution was interrupted]", tool_call_id: "bash:1" },
    ]);
  });
}
