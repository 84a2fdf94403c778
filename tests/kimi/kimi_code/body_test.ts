/** kimi-code's bodies, as it sends them for the same conversations. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import type { AnsweredConversation, BodyContext, ChatBody } from "../../../lib/kimi/chat/body.ts";
import { chatBody } from "../../../lib/kimi/kimi_code/body.ts";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import { refusalOf } from "../../support/judge.ts";
import { bodyContext, jsonWith, sdkTool } from "../../support/vectors.ts";

const USER = { role: "user", content: "go" };
const OFF = { thinking: { type: "disabled" } };

function convert(body: JsonObject, over: Partial<BodyContext> = {}): ChatBody {
  return chatBody({ model: "kimi-for-coding", stream: true, ...body }, bodyContext(over));
}

/** The messages behind the user's first, as JSON. */
function sent(messages: readonly unknown[], body: JsonObject = {}): string {
  const { conversation } = convert({ ...body, messages: [USER, ...messages] });
  return JSON.stringify(conversation.messages.slice(1));
}

function call(id: string, args = "{}") {
  return { id, type: "function", function: { name: "bash", arguments: args } };
}

function exchange(...ids: readonly string[]) {
  return ids.flatMap((id) => [
    { role: "assistant", content: "", tool_calls: [call(id)], reasoning_content: "r" },
    { role: "tool", tool_call_id: id, content: "out" },
  ]);
}

/** The ids of calls, and that of each call's result beside it. */
function idsOf(...ids: readonly string[]): readonly unknown[] {
  return convert({ messages: [USER, ...exchange(...ids)] }).conversation.messages.slice(1)
    .map((message) => {
      const { tool_calls, tool_call_id }: JsonObject = isObject(message) ? message : {};
      return Array.isArray(tool_calls) ? tool_calls[0].id : tool_call_id;
    });
}

Deno.test("contract 1: kimi-code's keys come in its order", () => {
  const body = {
    ...{ messages: [USER], max_tokens: 32000, temperature: 1, top_p: 1, seed: 1, custom: [1] },
    ...{ tools: [sdkTool({ name: "a" })], prompt_cache_key: "s", reasoning_effort: "high" },
    response_format: { type: "json_object" },
  };
  const { body: made } = convert(body, { userKeys: ["custom", "temperature", "top_p"] });
  assertEquals(Object.keys(made), [
    ...["model", "messages", "tools", "stream", "stream_options", "prompt_cache_key", "thinking"],
    ...["response_format", "max_completion_tokens", "temperature", "top_p", "custom"],
  ]);
  assertEquals(made.thinking, { type: "enabled", effort: "high", keep: "all" });
});

Deno.test("contract 1: kimi-code sends no list of tools if there are none", () => {
  assertEquals(Object.keys(convert({ messages: [USER], tools: [] }).body), [
    ...["model", "messages", "stream", "stream_options", "thinking", "max_completion_tokens"],
  ]);
});

Deno.test("contract 1: kimi-code sorts tools as localeCompare does in English", () => {
  const letter = fc.constantFrom(..."abzABZ019_-");
  const name = fc.array(letter, { minLength: 1, maxLength: 6 }).map((all) => `a${all.join("")}`);
  const { compare } = new Intl.Collator("en");
  fc.assert(fc.property(fc.uniqueArray(name, { maxLength: 12 }), (names) => {
    const { tools } = convert({ messages: [USER], tools: names.map((name) => sdkTool({ name })) })
      .body;
    const made = (Array.isArray(tools) ? tools : []).map(({ function: { name } }) => name);
    assertEquals(made, names.toSorted(compare));
  }));
});

Deno.test("contract 2: a call's id and its result's are cleaned, and repeats get a suffix", () => {
  assertEquals(idsOf("Bash:0"), ["Bash_0", "Bash_0"]);
  assertEquals(idsOf("Bash:0", "Bash:0", "Bash:0"), [
    ...["Bash_0", "Bash_0", "Bash_0__2", "Bash_0__2", "Bash_0__3", "Bash_0__3"],
  ]);
  assertEquals(idsOf("a:b", "a_b"), ["a_b", "a_b", "a_b_2", "a_b_2"]);
  assertEquals(idsOf(""), ["tool_call", "tool_call"]);
  const long = "x".repeat(70);
  assertEquals(idsOf(long, `${long}y`), [
    ...[long.slice(0, 64), long.slice(0, 64)],
    ...[`${long.slice(0, 62)}_2`, `${long.slice(0, 62)}_2`],
  ]);
});

Deno.test("contract 2: kimi-code's form of calls and results", () => {
  assertEquals(
    sent(exchange("Bash:0")),
    '[{"role":"assistant","tool_calls":[{"id":"Bash_0","type":"function","function":{"name":"bash",' +
      '"arguments":"{}"}}],"reasoning_content":"r"},' +
      '{"role":"tool","tool_call_id":"Bash_0","content":"out"}]',
  );
  const [asked, answered] = exchange("c");
  assertEquals(
    sent([{ ...asked, content: "text" }, answered]).startsWith(
      '[{"role":"assistant","content":"text","tool_calls":[',
    ),
    true,
  );
});

Deno.test('contract 2: reasoning_content is "" on each assistant message while thinking is kept', () => {
  const messages = [{ role: "assistant", content: "hi" }, USER];
  assertEquals(
    sent(messages),
    '[{"role":"assistant","content":"hi","reasoning_content":""},{"role":"user","content":"go"}]',
  );
  const bare = '[{"role":"assistant","content":"hi"},{"role":"user","content":"go"}]';
  assertEquals(sent(messages, OFF), bare);
  assertEquals(sent(messages, { thinking: { type: "enabled", keep: "last" } }), bare);
});

Deno.test("contract 2: reasoning is sent back even if thinking is off now", () => {
  const messages = [{ role: "assistant", content: "hi", reasoning_content: "why" }];
  assertEquals(
    sent(messages, OFF),
    '[{"role":"assistant","content":"hi","reasoning_content":"why"}]',
  );
});

Deno.test("contract 2: text is a string, images have no id, and blank texts are left out", () => {
  const image = {
    type: "image_url",
    image_url: { url: "data:image/gif;base64,R0lGODlhAQABAAAAACw=" },
  };
  const text = { type: "text", text: "look" };
  const blank = { type: "text", text: " \n\ufeff" };
  const rows: readonly (readonly [unknown, unknown])[] = [
    [[text], "look"],
    [[blank, text], "look"],
    [[text, image], [text, image]],
    [[{ ...image, image_url: { ...image.image_url, id: "ms1" } }], [
      { ...image, image_url: { ...image.image_url, id: "ms1" } },
    ]],
  ];
  for (const [content, expected] of rows) {
    assertEquals(
      sent([{ role: "user", content }]),
      JSON.stringify([{ role: "user", content: expected }]),
    );
  }
  for (const content of [" ", [blank], [blank, blank]]) {
    assertEquals(sent([{ role: "user", content }, USER]), JSON.stringify([USER]));
  }
});

Deno.test("contract 2: a result that is blank for kimi-code or for the service says that it is empty", () => {
  for (const content of ["", " \n", "\ufeff", "\u0085", [{ type: "text", text: "\ufeff" }]]) {
    const [asked, answered] = exchange("c");
    assertStringIncludes(
      sent([asked, { ...answered, content }]),
      '"content":"<system>Tool output is empty.</system>"',
    );
  }
});

Deno.test("contract 4: kimi-code's budget is the context less what the service counted", () => {
  const turns = [USER, { role: "assistant", content: "hi" }, {
    role: "user",
    content: "x".repeat(9),
  }];
  const budget = (over: Partial<BodyContext>, total?: number) => {
    const { key, mark } = convert({ messages: [USER] }).conversation;
    const answered = new Map<string, AnsweredConversation>(
      total === undefined ? [] : [[key, { count: 1, mark, total }]],
    );
    return convert({ messages: turns }, { answered, ...over }).body.max_completion_tokens;
  };
  const cap = (maxCompletionTokens: number | null) => ({
    settings: { problems: [], maxCompletionTokens },
  });
  assertEquals(budget({}), 262144);
  assertEquals(budget({}, 12040), 250104);
  assertEquals(budget({}, 300000), 1);
  assertEquals(budget({ contextLength: 0 }), 32000);
  assertEquals(budget({ contextLength: 0 }, 12040), 32000);
  assertEquals(budget({ contextLength: 32768 }, 12040), 20728);
  assertEquals(budget(cap(4096), 12040), 4096);
  assertEquals(budget({ ...cap(4096), contextLength: 0 }), 4096);
  assertEquals(budget(cap(262144), 12040), 250104);
  assertEquals(budget(cap(null), 12040), undefined);
});

Deno.test("the service takes what becomes of arbitrary conversations", () => {
  const words = ["role", "content", "user", "assistant", "tool", "tool_calls", "text", "type"];
  const id = fc.constantFrom("a:b", "a_b", "a b", "x".repeat(80), "");
  const texts = fc.constantFrom("", " ", "\ufeff", "text", "\ud800");
  const message = fc.oneof(
    fc.record({ role: fc.constantFrom("user", "system"), content: texts }),
    fc.record({
      ...{ role: fc.constant("assistant"), content: texts, reasoning_content: texts },
      tool_calls: fc.array(id.map((id) => call(id, "no object")), { maxLength: 2 }),
    }, { requiredKeys: ["role"] }),
    fc.record({ role: fc.constant("tool"), tool_call_id: id, content: texts }),
  );
  const effort = fc.constantFrom<JsonObject>({}, OFF, { reasoning_effort: "low" }, {
    thinking: { type: "enabled", keep: "none" },
  });
  const schema = jsonWith(words).map((properties) => ({ type: "object", properties }));
  fc.assert(fc.property(fc.array(message), effort, schema, (messages, effort, parameters) => {
    const tools = [sdkTool({ name: "tool", parameters })];
    const { body } = convert({ ...effort, tools, messages: [USER, ...messages, USER] });
    assertEquals(refusalOf(JSON.stringify(body)), undefined);
  }));
});
