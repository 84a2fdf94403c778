import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { BodyContext } from "../../../lib/kimi/chat/body.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import { convert, deepFreeze, jsonWith, sdkTool, sent, utf16 } from "../../support/vectors.ts";

const ORDER = [
  ...["messages", "model", "max_completion_tokens", "prompt_cache_key", "reasoning_effort"],
  ...["stream", "stream_options", "temperature", "tools", "top_p", "thinking"],
];

const HELLO = { role: "user", content: "hello" };

/** A body with every key that opencode and its SDK may add. */
const FULL: JsonObject = {
  seed: 1,
  tool_choice: "auto",
  top_p: 0.9,
  tools: [sdkTool({ name: "t", description: "d", parameters: { type: "object" } })],
  stream_options: { include_usage: false, other: 1 },
  stream: true,
  verbosity: "low",
  reasoning_effort: "high",
  prompt_cache_key: "ses_1",
  promptCacheKey: "ses_1",
  presence_penalty: 1,
  frequency_penalty: 1,
  temperature: 0.5,
  max_tokens: 32_000,
  user: "u",
  stop: ["x"],
  parallel_tool_calls: true,
  messages: [HELLO],
  model: "kimi-for-coding",
};

function keysOf(body: JsonObject, over: Partial<BodyContext> = {}): readonly string[] {
  return Object.keys(convert(body, over).body);
}

Deno.test("contract 1: the keys of a body are in kimi-cli's order, whatever opencode's order", () => {
  const settings = { problems: [], temperature: 1, topP: 1 };
  assertEquals(keysOf(FULL, { settings }), ORDER);
  const reversed = Object.fromEntries(Object.entries(FULL).reverse());
  assertEquals(sent(reversed, { settings }), sent(FULL, { settings }));
});

Deno.test("contract 1: absent keys stay absent, and tools is [] if there are none", () => {
  const keys = ["messages", "model", "max_completion_tokens", "stream", "stream_options", "tools"];
  const body = { model: "m", messages: [HELLO], stream: true };
  assertEquals(keysOf(body), [...keys, "thinking"]);
  for (const tools of [undefined, null, [], {}, "tools"]) {
    assertEquals(convert({ ...body, tools }).body.tools, []);
  }
});

Deno.test("contract 1: keys that opencode adds are dropped, such as an agent's temperature", () => {
  const tail =
    '"stream":true,"stream_options":{"include_usage":true},"tools":[{"type":"function",' +
    '"function":{"name":"t","description":"d","parameters":{"type":"object"}}}],' +
    '"thinking":{"type":"enabled"}}';
  const settings = { problems: [], maxCompletionTokens: null };
  assertEquals(
    sent(FULL, { settings }),
    '{"messages":[{"role":"user","content":"hello"}],"model":"kimi-for-coding",' +
      `"prompt_cache_key":"ses_1","reasoning_effort":"high",${tail}`,
  );
});

Deno.test("contract 1: a body without streaming has stream false and no stream_options", () => {
  for (const stream of [false, undefined, null, "true", 1]) {
    const body = sent({ ...FULL, stream });
    assert(body.includes('"stream":false,"tools"'), body);
  }
});

Deno.test("contract 1: response_format follows thinking, and the user's other keys follow it", () => {
  const response_format = { type: "json_object" };
  const body = { ...FULL, response_format, custom: { a: [1] }, zeta: "z" };
  const userKeys = ["zeta", "seed", "custom", "missing"];
  const keys = keysOf(body, { userKeys });
  assertEquals(keys.slice(keys.indexOf("thinking")), [
    ...["thinking", "response_format", "zeta", "seed", "custom"],
  ]);
  const { body: made } = convert(body, { userKeys });
  assertEquals([made.response_format, made.custom, made.seed], [response_format, { a: [1] }, 1]);
});

Deno.test("contract 1: a user's key with a place of its own is put there", () => {
  const userKeys = ["top_p", "temperature", "max_completion_tokens", "thinking", "tools"];
  const { body } = convert({ ...FULL, max_completion_tokens: 77 }, { userKeys });
  assertEquals(Object.keys(body), ORDER);
  assertEquals([body.temperature, body.top_p, body.max_completion_tokens], [0.5, 0.9, 77]);
});

Deno.test("contract 1: sampling parameters are sent only if the user wrote them", () => {
  for (const key of ["temperature", "top_p", "presence_penalty", "seed", "max_tokens", "stop"]) {
    assertEquals(keysOf(FULL).includes(key), false, key);
    assertEquals(convert(FULL, { userKeys: [key] }).body[key], FULL[key], key);
  }
});

Deno.test("contract 4: the budget counts tools and messages, and respects the user's cap", () => {
  const budget = (over: Partial<BodyContext>) => convert(FULL, over).body.max_completion_tokens;
  const [message, tool] = [1 + 2, 1 + 1 + 5];
  assertEquals(budget({}), 262_144 - 1024 - message - tool);
  assertEquals(budget({ contextLength: 1000 }), 1);
  assertEquals(budget({ contextLength: 0 }), 50_000);
  assertEquals(budget({ settings: { problems: [], maxCompletionTokens: 99 } }), 99);
});

Deno.test("contract 6: the prompt_cache_key is opencode's, and absent if opencode sent none", () => {
  assertEquals(convert(FULL).body.prompt_cache_key, "ses_1");
  for (const prompt_cache_key of [undefined, null, 7, {}]) {
    assert(!keysOf({ ...FULL, prompt_cache_key }).includes("prompt_cache_key"));
  }
});

Deno.test("chatBody() notes each kind of unknown input once, in order", () => {
  const odd = { role: "developer", content: "x" };
  const part = { role: "user", content: [{ type: "input_audio" }, { type: "input_file" }] };
  const { notes, body } = convert({ messages: [odd, part, odd, part], tool_choice: "required" });
  const left = (type: string) =>
    `a message part of the type "${type}" was left out: Kimi does not know it`;
  assertEquals(notes, [
    'a message of the role "developer" was sent as one of the system',
    left("input_audio"),
    left("input_file"),
    "a forced tool choice was dropped: Kimi refuses it while the model thinks",
  ]);
  const system = { role: "system", content: "x" };
  const lines = ["input_audio", "input_file"].map((type) => `[${left(type)}]`);
  const content = lines.map((text) => ({ type: "text", text }));
  const user = { role: "user", content };
  assertEquals(body.messages, [system, user, system, user]);
});

Deno.test("chatBody() accepts missing and malformed messages", () => {
  for (const messages of [undefined, null, {}, "hello", 1]) {
    assertEquals(convert({ messages }).body.messages, []);
  }
});

Deno.test("chatBody() accepts arbitrary bodies, writes to none and is deterministic", () => {
  const keys = ["role", "content", "tool_calls", "type", "text", "image_url", "url", "function"];
  const any = jsonWith([
    ...keys,
    "name",
    "arguments",
    "id",
    "user",
    "assistant",
    "tool",
    "enabled",
  ]);
  const list = fc.array(any, { maxLength: 3 });
  const member = fc.oneof(list, any);
  const userKeys = fc.subarray([...ORDER, "response_format", "__proto__", "constructor", "custom"]);
  const before = Reflect.ownKeys(Object.prototype);
  const property = fc.property(
    fc.dictionary(fc.constantFrom(...ORDER, "tool_choice", "response_format", "custom"), member),
    list,
    userKeys,
    fc.integer({ min: -1, max: 300_000 }),
    (raw, messages, userKeys, contextLength) => {
      for (const given of [raw, { ...raw, messages }]) {
        const text = JSON.stringify(given);
        const over = { userKeys, contextLength };
        const made = convert(deepFreeze(given), over);
        assertEquals(JSON.stringify(given), text);
        const body = JSON.stringify(made.body);
        assertEquals(sent(JSON.parse(text), over), body);
        const placed = Object.keys(made.body).filter((key) => ORDER.includes(key));
        assertEquals(placed, ORDER.filter((key) => placed.includes(key)));
        const budget = made.body.max_completion_tokens;
        const isOurs = !userKeys.includes("max_completion_tokens");
        if (isOurs) assert(Number.isSafeInteger(budget) && Number(budget) >= 1, `${budget}`);
      }
    },
  );
  fc.assert(property, { numRuns: 300 });
  assertEquals(Reflect.ownKeys(Object.prototype), before);
});

Deno.test("chatBody() throws a KimiError on 129 tools of any shape", () => {
  const tools = jsonWith(["function", "name", "parameters"]);
  fc.assert(
    fc.property(fc.array(tools, { minLength: 129, maxLength: 140 }), (tools) => {
      assertThrows(() => convert({ tools }), KimiError, "tools are active");
    }),
    { numRuns: 20 },
  );
});

Deno.test("chatBody() leaves no lone surrogate of a conversation in the body", () => {
  fc.assert(fc.property(fc.array(utf16, { minLength: 5, maxLength: 5 }), (texts) => {
    const [a = "", b = "", c = "", d = "", e = ""] = texts;
    const calls = [{ id: d, type: "function", function: { name: "f", arguments: a } }];
    const body = sent({
      model: "kimi-for-coding",
      messages: [
        { role: "system", content: a },
        { role: "user", content: [{ type: "text", text: b }, { type: "text", text: `.${c}` }] },
        { role: "assistant", content: `.${c}`, reasoning_content: e, tool_calls: calls },
        { role: "tool", content: e, tool_call_id: d },
      ],
      tools: [sdkTool({ name: "f", description: e, parameters: {} })],
    });
    assert(body.isWellFormed() && !/\\ud[89a-f]/i.test(body.replaceAll("\\\\", "")), body);
  }));
});
