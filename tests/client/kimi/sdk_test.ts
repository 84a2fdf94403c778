/** OpenAI clients with nothing but `fetch: kimi.fetch`, against the strict fake Kimi. */

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import OpenAI, { APIError } from "openai";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { credentialFromTokens } from "../../../lib/client/tokens/credential.ts";
import { createKimi, type Kimi } from "../../../lib/client/kimi.ts";
import { memoryStore } from "../../../lib/client/tokens/login_store.ts";
import { type Message, promptOf, toolsOf } from "../../support/conversations.ts";
import { fakeEnvironment } from "../../support/environment.ts";
import { type FakeKimi, startFakeKimi } from "../../support/fake/kimi.ts";
import { readMarkdown, section } from "../../support/markdown.ts";
import { runProcess } from "../../support/process.ts";
import { ROOT } from "../../support/source.ts";

const MODEL = "kimi-for-coding";
const PARAMETERS = { type: "object", properties: { command: { type: "string" } } } as const;
const CALL = { name: "bash", arguments: '{"command":"ls"}' };
const HELLO: Message = { role: "user", text: "list files" };
const conversation = () => [{ toolCalls: [CALL], reasoning: "I look" }, { text: "done" }];

/** A client that is logged in at the fake. */
function kimiOf(fake: FakeKimi): Kimi {
  const { access_token: accessToken, refresh_token: refreshToken } = fake.issueTokens();
  const environment = Object.assign(fakeEnvironment(), { fetch: globalThis.fetch });
  environment.time = Date.now();
  const store = memoryStore(credentialFromTokens({ accessToken, refreshToken }, Date.now()));
  return createKimi({ environment, store, hosts: { oauth: fake.url, api: fake.apiBase } });
}

function statuses(fake: FakeKimi): readonly number[] {
  return fake.requestsOf("chat").map(({ status }) => status);
}

function messagesOf(fake: FakeKimi): readonly unknown[] {
  return JSON.parse(fake.requestsOf("chat").at(-1)?.body ?? "{}").messages;
}

const openaiOf = (fake: FakeKimi) => new OpenAI({ apiKey: "unused", fetch: kimiOf(fake).fetch });

Deno.test("npm openai: a chat, and a refresh after a 401 that it does not notice", async () => {
  await using fake = await startFakeKimi({ answers: [{ text: "one" }, { text: "two" }] });
  const openai = openaiOf(fake);
  const messages = [{ role: "user", content: "hello" } as const];
  const ask = async () => {
    const { choices } = await openai.chat.completions.create({ model: MODEL, messages });
    return choices[0]?.message.content;
  };
  assertEquals(await ask(), "one");
  fake.expireAccessTokens();
  assertEquals(await ask(), "two");
  assertEquals([statuses(fake), fake.refreshes], [[200, 401, 200], 1]);
});

Deno.test("npm openai: a stream with a tool call, and its follow-up", async () => {
  await using fake = await startFakeKimi({ answers: conversation() });
  const openai = openaiOf(fake);
  const tools = [{ type: "function", function: { name: "bash", parameters: PARAMETERS } } as const];
  const question = { role: "user", content: "list files" } as const;
  const runner = openai.chat.completions.stream({ model: MODEL, messages: [question], tools });
  const { choices: [first] } = await runner.finalChatCompletion();
  const [call] = first?.message.tool_calls ?? [];
  assert(call?.type === "function");
  assertEquals(call.function.arguments, CALL.arguments);
  const stream = await openai.chat.completions.create({
    model: MODEL,
    messages: [
      question,
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: call.id, content: "a.txt" },
    ],
    tools,
    stream: true,
  });
  let text = "";
  let cached: number | undefined;
  for await (const { choices, usage } of stream) {
    text += choices[0]?.delta.content ?? "";
    cached = usage?.prompt_tokens_details?.cached_tokens ?? cached;
  }
  assertEquals([text, messagesOf(fake).length], ["done", 3]);
  assert(cached !== undefined, "the cache hit is where OpenAI clients read it");
});

Deno.test("npm openai: an error has Kimi's status and a message that says what to do", async () => {
  const body = {
    error: { type: "access_terminated_error", message: "your usage limit is reached" },
  };
  const faults = [{ kind: "chat", answer: { status: 403, body } } as const];
  await using fake = await startFakeKimi({ faults });
  const messages = [{ role: "user", content: "hello" } as const];
  const error = await assertRejects<APIError>(
    async () => await openaiOf(fake).chat.completions.create({ model: MODEL, messages }),
    APIError,
  );
  assertEquals(error.status, 403);
  assertStringIncludes(error.message, "The plan's quota is used up");
  assertEquals(statuses(fake), [403]);
});

Deno.test("npm openai: models are those of the account", async () => {
  await using fake = await startFakeKimi();
  const ids: string[] = [];
  for await (const { id } of await openaiOf(fake).models.list()) ids.push(id);
  assert(ids.includes(MODEL), ids.join());
});

function aiSdkOf(fake: FakeKimi) {
  const { fetch } = kimiOf(fake);
  return createOpenAICompatible({ name: "kimi", baseURL: "http://placeholder/v1", fetch })(MODEL);
}

Deno.test("@ai-sdk/openai-compatible: a stream with a tool call, a 401, and its follow-up", async () => {
  await using fake = await startFakeKimi({ answers: conversation() });
  const model = aiSdkOf(fake);
  const tools = toolsOf({ tools: [{ name: "bash", description: "Runs", parameters: PARAMETERS }] });
  const ask = async (messages: readonly Message[]) => {
    const { stream } = await model.doStream({ prompt: promptOf({ messages }), tools });
    return await Array.fromAsync(stream);
  };
  const call = (await ask([HELLO])).find((part) => part.type === "tool-call");
  assert(call !== undefined);
  assertEquals([call.toolName, call.input], [CALL.name, CALL.arguments]);
  fake.expireAccessTokens();
  const { toolCallId: id, toolName: name } = call;
  const answer = await ask([
    HELLO,
    { role: "assistant", calls: [{ id, name, args: JSON.parse(call.input) }] },
    { role: "tool", id, name, text: "a.txt" },
  ]);
  const text = answer.flatMap((part) => part.type === "text-delta" ? part.delta : []).join("");
  assertEquals([text, statuses(fake)], ["done", [200, 401, 200]]);
});

Deno.test("@ai-sdk/openai-compatible: an answer at once, and an error that it can read", async () => {
  const error = { type: "invalid_request_error", message: "Message size exceeds the token limit" };
  const fault = { kind: "chat", skip: 1, answer: { status: 400, body: { error } } } as const;
  await using fake = await startFakeKimi({ answers: [{ text: "hi" }], faults: [fault] });
  const model = aiSdkOf(fake);
  const prompt = promptOf({ messages: [HELLO] });
  const { content } = await model.doGenerate({ prompt });
  assert(content.some((part) => part.type === "text" && part.text === "hi"));
  const failed = await assertRejects(() => model.doGenerate({ prompt }));
  assertEquals(Reflect.get(failed, "statusCode"), 400);
  assertStringIncludes(failed.message, "The conversation is too long");
});

/** The first example in the docs of createKimi, and the program in the README. */
async function programs(): Promise<readonly string[]> {
  const source = await Deno.readTextFile(join(ROOT, "lib/client/kimi.ts"));
  const [, docs = ""] = /```ts ignore\n([\s\S]*?) \* ```/.exec(source) ?? [];
  const library = section(readMarkdown("README.md"), "Library");
  const [, readme = ""] = /```ts\n([\s\S]*?)```/.exec(library) ?? [];
  return [docs.replaceAll(/^ \* ?/gm, ""), readme];
}

Deno.test("the program in the README is the example of createKimi, logs in and prints an answer", async () => {
  await using fake = await startFakeKimi({ autoAuthorizeAfterPolls: 0, deviceInterval: 1 });
  const home = await Deno.makeTempDir({ prefix: "kimi-home-" });
  await Deno.mkdir(join(home, "data", "opencode"), { recursive: true });
  const env = {
    ...Deno.env.toObject(),
    XDG_DATA_HOME: join(home, "data"),
    KIMI_SHARE_DIR: join(home, "kimi"),
    KIMI_CODE_OAUTH_HOST: fake.url,
    KIMI_CODE_BASE_URL: fake.apiBase,
  };
  const [code = "", readme] = await programs();
  assertEquals(readme, code);
  assert(code.trim().split("\n").length <= 15, code);
  fake.settings.answers = [{ text: "Hello, you" }];
  const options = { args: ["eval", "--quiet", code], cwd: ROOT, env, timeout: 60_000 };
  const { code: exit, stdout, stderr } = await runProcess(Deno.execPath(), options);
  assertEquals([exit, stderr], [0, ""]);
  assertEquals(stdout.trim().split("\n").at(-1), "Hello, you");
  assertEquals(statuses(fake), [200]);
});
