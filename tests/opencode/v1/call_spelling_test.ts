import { assert, assertEquals } from "@std/assert";
import type { StoredMessage } from "../../../lib/opencode/v1/types.ts";
import { body, ID, type Plugin, plugin, started } from "./fixtures.ts";

const SESSION = "ses_1";

/** What the model wrote, in pieces as they arrive. */
const PIECES = ['{"command": "ec', 'ho 名\\u524d", "time', 'out": 1.0}'];
const WRITTEN = PIECES.join("");
const PLAIN = '{"command":"echo 名前","timeout":1}';

function stream(pieces: readonly string[]): Response {
  const [first, ...others] = pieces.map((piece, at) => ({
    index: 0,
    ...(at === 0 ? { id: "bash:0", type: "function" } : {}),
    function: { ...(at === 0 ? { name: "bash" } : {}), arguments: piece },
  }));
  const events = [first, ...others].map((call) => ({ index: 0, delta: { tool_calls: [call] } }));
  const end = { index: 0, delta: {}, finish_reason: "tool_calls" };
  const text = [...events, end].map((choice) => `data: ${JSON.stringify({ choices: [choice] })}`);
  return new Response(text.join("\n\n") + "\n\n", {
    headers: { "content-type": "text/event-stream" },
  });
}

const CALL = { id: "bash:0", type: "function", function: { name: "bash", arguments: PLAIN } };
const MESSAGES = [
  { role: "user", content: "hello" },
  { role: "assistant", content: "", tool_calls: [CALL] },
  { role: "tool", tool_call_id: "bash:0", content: "名前" },
];

/** A user's message to one of our models. */
const ASKED = { sessionID: SESSION, role: "user", model: { providerID: ID, modelID: "any" } };

/** The messages of the session as opencode stores them, with the metadata of the call's result. */
function stored(metadata: unknown): StoredMessage[] {
  const state = { status: "completed", input: JSON.parse(PLAIN), metadata };
  const info = { sessionID: SESSION, role: "assistant" };
  return [
    { info: ASKED, parts: [{ type: "text", text: "hello" }] },
    { info, parts: [{ type: "tool", callID: "bash:0", state }, { type: "step-finish" }] },
  ];
}

/** Sends a request of the session; gives the arguments in its body. */
async function ask(made: Plugin, messages: readonly unknown[]): Promise<string | undefined> {
  const { fetch, transformRequestBody } = await started(made);
  const sent = JSON.stringify(transformRequestBody(body({ prompt_cache_key: SESSION, messages })));
  const url = "https://api.kimi.com/coding/v1/chat/completions";
  await (await fetch(url, { method: "POST", body: sent })).text();
  return JSON.parse(sent).messages[1]?.tool_calls[0].function.arguments;
}

Deno.test("contract 2: tool-call arguments go back letter by letter, in this process and in the next", async () => {
  const made = plugin({ answer: () => stream(PIECES) });
  await ask(made, MESSAGES.slice(0, 1));
  const output: { metadata?: unknown } = { metadata: { exit: 0 } };
  await made.hooks["tool.execute.after"]({ sessionID: SESSION, callID: "bash:0" }, output);
  const written = JSON.parse(JSON.stringify(output.metadata));
  assertEquals(Object.keys(written), ["exit", "kimiArguments"]);
  for (const process of [made, plugin({ answer: () => stream(PIECES) })]) {
    const messages = { messages: stored(written) };
    await process.hooks["experimental.chat.messages.transform"]({}, messages);
    assertEquals(await ask(process, MESSAGES), WRITTEN);
  }
});

Deno.test("contract 6: a call that failed keeps opencode's spelling, in this process and in the next", async () => {
  const made = plugin({ answer: () => stream(PIECES) });
  await ask(made, MESSAGES.slice(0, 1));
  for (const process of [made, plugin({ answer: () => stream(PIECES) })]) {
    await process.hooks["experimental.chat.messages.transform"]({}, {
      messages: stored(undefined),
    });
    assertEquals(await ask(process, MESSAGES), PLAIN);
  }
});

Deno.test("tool.execute.after keeps nothing of arguments that JSON.stringify spells the same", async () => {
  const made = plugin({ answer: () => stream([PLAIN]) });
  await ask(made, MESSAGES.slice(0, 1));
  const output: { metadata?: unknown } = {};
  await made.hooks["tool.execute.after"]({ sessionID: SESSION, callID: "bash:0" }, output);
  assertEquals(output, {});
});

Deno.test("contract 12: messages of an unknown shape are logged, and break nothing", async () => {
  const made = plugin({ answer: () => stream(PIECES) });
  const broken = JSON.parse(JSON.stringify({ messages: [{ info: ASKED }] }));
  await made.hooks["experimental.chat.messages.transform"]({}, broken);
  await made.hooks["experimental.chat.messages.transform"]({}, JSON.parse("{}"));
  assert(
    made.environment.logs.every((line) => line.startsWith("error: What was kept of a session")),
  );
  assertEquals(made.environment.logs.length, 2);
  assertEquals(await ask(made, MESSAGES), PLAIN);
});
