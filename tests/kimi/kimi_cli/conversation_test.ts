/** The budget's second term: the tokens that the service counted for the last answer. */

import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import type { AnsweredConversation, ChatBody } from "../../../lib/kimi/chat/body.ts";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import { convert, utf16 } from "../../support/vectors.ts";

const CONTEXT = 262_144;
const MARGIN = 1024;
const TOTAL = 50_000;

const SYSTEM = { role: "system", content: "You help" };
const ASK = { role: "user", content: "Hello" };
const ANSWER = { role: "assistant", content: "Hello to you", reasoning_content: "A greeting" };
const CALL = { id: "f:0", type: "function", function: { name: "f", arguments: '{"a":1}' } };
const CALLING = { role: "assistant", content: "", tool_calls: [CALL], reasoning_content: "t" };
const FIRST = [SYSTEM, ASK];

type Memory = ReadonlyMap<string, AnsweredConversation>;

/** What is remembered after the messages are answered. */
function answeredBy(made: ChatBody, total = TOTAL): Memory {
  const { key, mark, messages } = made.conversation;
  return new Map([[key, { count: messages.length, mark, total }]]);
}

function ask(messages: readonly JsonObject[], answered: Memory = new Map(), over: JsonObject = {}) {
  return convert({ messages, prompt_cache_key: "ses_1", ...over }, { answered });
}

function user(content: unknown): JsonObject {
  return { role: "user", content };
}

/** The input tokens that follow from the body's budget. */
function inputOf({ body }: ChatBody): number {
  return CONTEXT - MARGIN - Number(body.max_completion_tokens);
}

Deno.test("contract 4: the budget of a first turn follows the estimate alone", () => {
  const made = ask(FIRST);
  // The system prompt counts without its role, a message with it.
  assertEquals(made.conversation.tokens, 2 + (1 + 2));
  assertEquals([made.conversation.floor, inputOf(made)], [0, made.conversation.tokens]);
});

Deno.test("contract 4: a later turn counts the last answer's total and a quarter of the characters since", () => {
  const memory = answeredBy(ask(FIRST));
  for (const text of ["", "x", "1234567", "名前が四つ", "😀😀😀😀", "a".repeat(40_000)]) {
    const made = ask([...FIRST, ANSWER, user(text)], memory);
    assertEquals(inputOf(made), TOTAL + Math.floor([...text].length / 4), text.slice(0, 9));
  }
});

Deno.test("contract 4: appended text counts by code points, a lone surrogate as one", () => {
  const memory = answeredBy(ask(FIRST));
  fc.assert(fc.property(utf16, utf16, (text, more) => {
    const parts = [{ type: "text", text: `.${text}` }, { type: "text", text: `.${more}` }];
    const made = ask([...FIRST, ANSWER, user(parts)], memory);
    const points = [...`.${text}`].length + [...`.${more}`].length;
    assertEquals(inputOf(made), TOTAL + Math.floor(points / 4));
  }));
});

Deno.test("contract 4: only appended text counts, and not the answer itself", () => {
  const memory = answeredBy(ask(FIRST));
  const image = {
    type: "image_url",
    image_url: { url: `data:image/png;base64,iVBORw0KGgo${"A".repeat(999)}` },
  };
  const result = { role: "tool", tool_call_id: "f:0", content: "12345678" };
  for (const content of ["", "a long text before the call"]) {
    const made = ask([...FIRST, { ...CALLING, content }, result, user([image])], memory);
    assertEquals(made.conversation.floor, TOTAL + 2);
  }
  const spoken = [...FIRST, ANSWER, user("12345678"), { ...ANSWER, content: "1234" }, user("1234")];
  assertEquals(ask(spoken, memory).conversation.floor, TOTAL + 4);
});

Deno.test("contract 4: each append is rounded down, the tool results of one answer together", () => {
  const memory = answeredBy(ask(FIRST));
  const result = (id: string) => ({ role: "tool", tool_call_id: id, content: "123" });
  const spoken = { ...ANSWER, content: "123" };
  const ids = ["f:0", "f:1", "f:2"];
  const calling = { ...CALLING, tool_calls: ids.map((id) => ({ ...CALL, id })) };
  const calls = [calling, ...ids.map(result)];
  for (
    const [since, tokens] of [
      [[user("123"), user("123"), user("12345")], 1],
      [[user("123"), spoken, user("123"), spoken, user("1234")], 1],
      [calls, 2],
      [[...calls, ...calls, user("123")], 4],
    ] as const
  ) {
    assertEquals(ask([...FIRST, ANSWER, ...since], memory).conversation.floor, TOTAL + tokens);
  }
});

Deno.test("contract 4: the larger of estimate and count decides the budget", () => {
  const memory = answeredBy(ask(FIRST), 7);
  const made = ask([...FIRST, ANSWER, user("名".repeat(5000))], memory);
  assertEquals(made.conversation.floor, 7 + 1250);
  assertEquals(inputOf(made), made.conversation.tokens);
});

Deno.test("contract 4: each answer replaces the one before", () => {
  const second = [...FIRST, ANSWER, user("again")];
  const memory = answeredBy(ask(second, answeredBy(ask(FIRST))), 70_000);
  assertEquals(inputOf(ask([...second, ANSWER, user("1234")], memory)), 70_001);
});

Deno.test("contract 4: a conversation that did not grow or was edited follows the estimate alone", () => {
  const turns = [...FIRST, ANSWER, user("again")];
  const memory = answeredBy(ask(turns));
  const more = [ANSWER, user("and again")];
  assertEquals(ask([...turns, ...more], memory).conversation.floor, TOTAL + 2);
  const others = {
    "did not grow": turns,
    "shrank": FIRST,
    "shrank and grew again": [...FIRST, ANSWER, user("something else, quite long"), ...more],
    "changed before": [SYSTEM, user("Hello, and welcome to it"), ANSWER, user("again"), ...more],
    "has another system prompt": [user("You help"), ...turns.slice(1), ...more],
    "was compacted": [SYSTEM, user("A summary of what was said so far"), ...more],
    "lost its first answer": [SYSTEM, ASK, user("again"), user("What is this?"), ...more],
    "is empty": [],
  };
  for (const [what, messages] of Object.entries(others)) {
    const made = ask(messages, memory);
    assertEquals([made.conversation.floor, inputOf(made)], [0, made.conversation.tokens], what);
  }
});

Deno.test("contract 4: answers of one session do not count in another", () => {
  const memory = answeredBy(ask(FIRST));
  const turns = [...FIRST, ANSWER, user("again")];
  assertEquals(ask(turns, memory).conversation.floor, TOTAL + 1);
  for (const prompt_cache_key of ["ses_2", "", undefined]) {
    assertEquals(ask(turns, memory, { prompt_cache_key }).conversation.floor, 0);
  }
});

Deno.test("contract 4: the title request of a session is remembered separately", () => {
  const title = [
    { role: "system", content: "You are a title generator. Answer with one line" },
    user("Generate a title for this conversation:\n"),
    user("Hello"),
  ];
  const [session, naming] = [ask(FIRST), ask(title)];
  assertNotEquals(session.conversation.key, naming.conversation.key);
  const memory = new Map([...answeredBy(session), ...answeredBy(naming, 300)]);
  assertEquals(ask([...FIRST, ANSWER, user("1234")], memory).conversation.floor, TOTAL + 1);
  assertEquals(ask([...title, ANSWER, user("1234")], memory).conversation.floor, 301);
});

Deno.test("contract 4: messages that are left out are neither counted nor remembered", () => {
  const nothing = { role: "assistant", content: "" };
  const memory = answeredBy(ask([...FIRST, nothing]));
  assertEquals(memory, answeredBy(ask(FIRST)));
  assertEquals(ask([...FIRST, nothing, user("12345678")], memory).conversation.floor, TOTAL + 2);
});
