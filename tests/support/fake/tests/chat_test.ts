import { assert, assertEquals } from "@std/assert";
import { at, callPieces, chat, events, HELLO, said } from "./client.ts";
import { startFakeKimi } from "../kimi.ts";

function ask(content: string, tools: readonly string[] = [], more: object = {}): object {
  const offered = tools.map((name) => ({
    type: "function",
    function: { name, description: "", parameters: { type: "object", properties: {} } },
  }));
  return { ...HELLO, messages: [{ role: "user", content }], tools: offered, ...more };
}

Deno.test("a streamed answer has Moonshot's chunks: reasoning, text, finish, usage, DONE", async () => {
  await using fake = await startFakeKimi();
  const { text, headers } = await chat(fake, fake.issueTokens().access_token);
  assertEquals(headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert(headers.get("x-trace-id"));
  const chunks = events(text);
  assertEquals(at(chunks, 0, "choices", 0, "delta"), { role: "assistant", content: "" });
  assertEquals(said(text, "reasoning_content"), "A greeting will do.");
  assertEquals(said(text), "Hello from the fake Kimi.");
  assertEquals(at(chunks, -2, "choices", 0, "finish_reason"), "stop");
  assertEquals(at(chunks, -1, "choices"), []);
  const prompt_tokens = Math.ceil(JSON.stringify(HELLO).length / 4);
  const usage = { prompt_tokens, completion_tokens: 18, cached_tokens: 0 };
  assertEquals(at(chunks, -1, "usage"), { ...usage, total_tokens: prompt_tokens + 18 });
  assert(text.endsWith("data: [DONE]\n\n"));
});

Deno.test("[[bash]] calls the offered shell, in several deltas", async () => {
  await using fake = await startFakeKimi();
  const { access_token } = fake.issueTokens();
  for (const name of ["bash", "Shell"]) {
    const { text } = await chat(fake, access_token, ask("[[bash]] go", ["read", name]));
    const chunks = events(text);
    const calls = callPieces(text);
    assertEquals([at(calls, 0, "id"), at(calls, 0, "function", "name")], [`${name}:0`, name]);
    assert(calls.length > 3);
    assertEquals(
      JSON.parse(calls.map((call) => at(call, "function", "arguments")).join("")),
      { command: "echo hi", description: "Print hi" },
    );
    assertEquals(at(chunks, -2, "choices", 0, "finish_reason"), "tool_calls");
    assertEquals(said(text, "reasoning_content"), "Let me think.");
    assertEquals(said(text), "");
  }
});

Deno.test("the answer to a tool result quotes it without kimi-cli's remarks", async () => {
  await using fake = await startFakeKimi();
  const call = { type: "function", id: "Shell:0", function: { name: "Shell", arguments: "{}" } };
  const content = [
    { type: "text", text: "<system>Command executed successfully.</system>" },
    { type: "text", text: "hi\n" },
  ];
  const messages = [
    { role: "user", content: "[[bash]]" },
    { role: "assistant", tool_calls: [call], reasoning_content: "" },
    { role: "tool", content, tool_call_id: "Shell:0" },
  ];
  const { text } = await chat(fake, fake.issueTokens().access_token, { ...HELLO, messages });
  assertEquals(said(text), "The tool said: hi");
});

Deno.test("a later tool call has the next id", async () => {
  await using fake = await startFakeKimi();
  const call = { type: "function", id: "bash:0", function: { name: "bash", arguments: "{}" } };
  const messages = [
    { role: "user", content: "[[bash]]" },
    { role: "assistant", tool_calls: [call] },
    { role: "tool", content: "hi", tool_call_id: "bash:0" },
    { role: "user", content: "[[two]]" },
  ];
  const { text } = await chat(
    fake,
    fake.issueTokens().access_token,
    ask("", ["bash"], { messages }),
  );
  const ids = callPieces(text).map((call) => at(call, "id")).filter((id) => id !== undefined);
  assertEquals(ids, ["bash:1", "bash:2"]);
});

Deno.test("triggers in a message choose other answers", async () => {
  await using fake = await startFakeKimi();
  const { access_token } = fake.issueTokens();
  const echo = await chat(fake, access_token, ask("[[echo:修复 🙂]] NOREASON"));
  assertEquals(said(echo.text), "修复 🙂");
  assert(!echo.text.includes("reasoning"));
  const empty = await chat(fake, access_token, ask("EMPTYREASON"));
  assert(empty.text.includes('"reasoning_content":""'));
  const long = await chat(fake, access_token, ask("[[long:500]]"));
  assert(said(long.text).endsWith(" word499"));
  const named = ask('[[call:task {"paths":[["a"]]}]]', [], { stream: false });
  const called = await chat(fake, access_token, named);
  assertEquals(called.at("choices", 0, "message", "tool_calls", 0, "function"), {
    name: "task",
    arguments: '{"paths":[["a"]]}',
  });
  assertEquals(called.at("choices", 0, "finish_reason"), "tool_calls");
});

Deno.test("a title is short, and has no reasoning if thinking is disabled", async () => {
  await using fake = await startFakeKimi({ answers: [{ text: "kept for the conversation" }] });
  const messages = [
    { role: "system", content: "You are a title generator. Output a title." },
    { role: "user", content: "[[bash]]" },
  ];
  const body = { ...HELLO, messages, thinking: { type: "disabled" } };
  const { access_token } = fake.issueTokens();
  const { text } = await chat(fake, access_token, body);
  assertEquals(said(text), "Talk with the fake Kimi");
  assertEquals(said(text, "reasoning_content"), "");
  assertEquals(said((await chat(fake, access_token)).text), "kept for the conversation");
});

Deno.test("an answer without streaming is one object", async () => {
  await using fake = await startFakeKimi();
  const { access_token } = fake.issueTokens();
  const answer = await chat(fake, access_token, { ...HELLO, stream: false });
  assertEquals(answer.at("object"), "chat.completion");
  assertEquals(answer.at("choices", 0, "message"), {
    role: "assistant",
    content: "Hello from the fake Kimi.",
    reasoning_content: "A greeting will do.",
  });
  assertEquals(answer.at("usage", "cached_tokens"), 0);
});

Deno.test("a second turn with the same key hits the cache in blocks of 256 tokens", async () => {
  await using fake = await startFakeKimi();
  const { access_token } = fake.issueTokens();
  const system = { role: "system", content: "x".repeat(3000) };
  const first = [system, { role: "user", content: "one" }];
  const second = [...first, { role: "assistant", content: "a" }, { role: "user", content: "two" }];
  const cached = async (messages: readonly object[], key: string, more: object = {}) => {
    const body = { ...HELLO, messages, prompt_cache_key: key, stream: false, ...more };
    return (await chat(fake, access_token, body)).at("usage", "cached_tokens");
  };
  assertEquals(await cached(first, "ses_1"), 0);
  assertEquals(await cached([{ role: "user", content: "a title between" }], "ses_1"), 0);
  assertEquals(await cached(second, "ses_1"), 512);
  assertEquals(await cached(second, "ses_2"), 0);
  const changed = [{ ...system, content: `y${system.content}` }, ...second.slice(1)];
  assertEquals(await cached(changed, "ses_1"), 0);
  const tools = [{ type: "function", function: { name: "new" } }];
  assertEquals(await cached(second, "ses_1", { tools }), 0);
});
