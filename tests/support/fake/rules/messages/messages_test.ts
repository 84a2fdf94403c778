import { assertEquals } from "@std/assert";
import { refusal } from "../refusal.ts";

const USER = { role: "user", content: "go" };
const ENABLED = { type: "enabled" };
const EMPTY = "Invalid request: text content is empty";
const NOT_EMPTY = "Invalid request: the message at position 1 with role 'assistant' " +
  "must not be empty";
const UNANSWERED = "an assistant message with 'tool_calls' must be followed by tool messages " +
  "responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ";
const FUNCTION = { name: "bash", arguments: "{}" };

function calling(...ids: readonly unknown[]): object {
  const tool_calls = ids.map((id) => ({ id, type: "function", function: FUNCTION }));
  return { role: "assistant", tool_calls, reasoning_content: "" };
}

function answer(tool_call_id: unknown, content: unknown = "done"): object {
  return { role: "tool", content, tool_call_id };
}

function calledWith(call: object): string | undefined {
  const message = { role: "assistant", tool_calls: [{ id: "a", type: "function", ...call }] };
  return refusal({ messages: [USER, message, answer("a")] });
}

function text(...texts: readonly unknown[]): readonly object[] {
  return texts.map((text) => ({ type: "text", text }));
}

Deno.test("a conversation as kimi-cli sends it is taken", () => {
  const id = "a".repeat(64);
  const messages = [
    { role: "system", content: "s" },
    { role: "user", content: [{ type: "image_url", image_url: { url: "ms://x", id: null } }] },
    { role: "assistant", content: "an answer", reasoning_content: "a thought" },
    USER,
    calling(id, "b"),
    answer("b", text("<system>ok</system>", "x")),
    answer(id),
    calling("c"),
    answer("c"),
    { role: "assistant", content: text("end") },
  ];
  assertEquals(refusal({ messages, thinking: ENABLED }), undefined);
});

Deno.test("messages of another form are refused", () => {
  const cases: readonly (readonly [readonly unknown[], string])[] = [
    [[], "Invalid request: messages must not be empty"],
    [["text"], "Invalid request: message 0 is not an object"],
    [
      [{ role: "developer", content: "x" }],
      "Invalid request: role 'developer' of the message at position 0 is not supported",
    ],
    [[{ role: "user", content: 7 }], "Invalid request: content is neither a text nor a list"],
  ];
  for (const [messages, message] of cases) assertEquals(refusal({ messages }), message);
});

Deno.test("an id used twice in a request is refused", () => {
  const twice = "Invalid request: tool call id bash:0 is duplicated";
  const turn = [calling("bash:0"), answer("bash:0")];
  assertEquals(refusal({ messages: [USER, ...turn, USER, ...turn] }), twice);
  assertEquals(refusal({ messages: [USER, calling("bash:0", "bash:0")] }), twice);
  const next = [calling("bash:1"), answer("bash:1")];
  assertEquals(refusal({ messages: [USER, ...turn, USER, ...next] }), undefined);
});

Deno.test("every call is answered before a message of another role", () => {
  const cases: readonly (readonly [readonly object[], string | undefined])[] = [
    [[calling("a"), answer("a")], undefined],
    [[calling("a", "b"), answer("b"), answer("a"), USER], undefined],
    [[calling("a")], `${UNANSWERED}a`],
    [[calling("a", "b"), answer("a"), USER], `${UNANSWERED}b`],
    [[calling("a"), USER, answer("a")], `${UNANSWERED}a`],
    [[calling("a"), calling("b"), answer("a"), answer("b")], `${UNANSWERED}a`],
  ];
  for (const [messages, message] of cases) {
    assertEquals(refusal({ messages: [USER, ...messages] }), message);
  }
});

Deno.test("an answer is refused if no call waits for it", () => {
  const lost = (id: unknown) => `Invalid request: tool_call_id ${id} is not found`;
  assertEquals(refusal({ messages: [USER, answer("a")] }), lost("a"));
  assertEquals(refusal({ messages: [USER, calling("a"), answer("b")] }), lost("b"));
  assertEquals(refusal({ messages: [USER, calling("a"), answer(undefined)] }), lost(undefined));
  assertEquals(refusal({ messages: [calling("a"), answer("a"), answer("a")] }), lost("a"));
});

Deno.test("a call has an id of 64 characters at most", () => {
  const missing = "Invalid request: tool_call id is missing";
  for (const id of [undefined, "", 7]) {
    assertEquals(calledWith({ id, function: FUNCTION }), missing);
  }
  const long = "a".repeat(65);
  const message = `Invalid request: tool_call id is longer than 64: ${long}`;
  assertEquals(calledWith({ id: long, function: FUNCTION }), message);
});

Deno.test("the arguments of a call are a JSON object", () => {
  const message = "Invalid request: the arguments of tool call a are not a JSON object";
  for (const input of ["{}", '{"a":[1]}', " {} "]) {
    assertEquals(calledWith({ function: { name: "bash", arguments: input } }), undefined);
  }
  for (const input of ["", '"ls"', "null", "[]", "1", '{"a":', "{}}", undefined, {}]) {
    assertEquals(calledWith({ function: { name: "bash", arguments: input } }), message);
  }
});

Deno.test("the name of a call follows the rule for tools", () => {
  const message = "function name is invalid, must start with a letter and can contain letters, " +
    "numbers, underscores, and dashes";
  for (const name of ["21st_a", "", undefined, "a".repeat(65), "$web search"]) {
    assertEquals(calledWith({ function: { name, arguments: "{}" } }), message);
  }
  const builtin = { name: "$web_search", arguments: "{}" };
  for (const type of ["function", "builtin_function"]) {
    assertEquals(calledWith({ type, function: builtin }), undefined);
  }
});

// White space as Python's str.strip() takes it.
const BLANKS = [undefined, null, "", "\n\n", " \t\r\v\f", "\x1c\x1f\x85\xa0\u2003\u2029\u3000"];

Deno.test("an assistant message without calls and without text is refused", () => {
  for (const content of [...BLANKS, [], text(" ", "\n"), text(undefined)]) {
    const message = { role: "assistant", content, reasoning_content: "a thought" };
    assertEquals(refusal({ messages: [USER, message] }), NOT_EMPTY);
    assertEquals(refusal({ messages: [USER, { ...message, tool_calls: [] }] }), NOT_EMPTY);
  }
  for (const content of ["x", " x ", "\ufeff", "\u200b", text(" ", "x")]) {
    assertEquals(refusal({ messages: [USER, { role: "assistant", content }] }), undefined);
  }
});

Deno.test("beside a call the content may be missing or white space, and may not be empty", () => {
  const beside = (content: unknown) =>
    refusal({ messages: [USER, { ...calling("a"), content }, answer("a")] });
  for (const content of [undefined, null, "\n", "text", text("x")]) {
    assertEquals(beside(content), undefined);
  }
  for (const content of ["", [], text("")]) assertEquals(beside(content), EMPTY);
});

Deno.test("a tool result without text is refused, unless it holds an image", () => {
  const result = (content: unknown) =>
    refusal({ messages: [USER, calling("a"), answer("a", content)] });
  for (const content of [...BLANKS.slice(1), [], text(" "), text("x", "")]) {
    assertEquals(result(content), EMPTY);
  }
  const image = { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };
  for (const content of ["(no output)", text("\n", "x"), [image]]) {
    assertEquals(result(content), undefined);
  }
});

Deno.test("an empty content of the user or the system is refused", () => {
  for (const role of ["user", "system"]) {
    for (const content of [undefined, null, "", [], text("x", ""), text(undefined)]) {
      assertEquals(refusal({ messages: [{ role, content }, USER] }), EMPTY);
    }
    assertEquals(refusal({ messages: [{ role, content: text("x") }, USER] }), undefined);
  }
});

Deno.test("a call without reasoning_content is refused while thinking is enabled", () => {
  const { reasoning_content: _, ...silent } = { reasoning_content: "", ...calling("a") };
  const messages = [USER, silent, answer("a"), { role: "assistant", content: "end" }];
  assertEquals(
    refusal({ messages, thinking: ENABLED }),
    "thinking is enabled but reasoning_content is missing in assistant tool call message at index 1",
  );
  assertEquals(refusal({ messages, thinking: { type: "disabled" } }), undefined);
  assertEquals(
    refusal({ messages: [USER, calling("a"), answer("a")], thinking: ENABLED }),
    undefined,
  );
});

Deno.test("every assistant message has reasoning_content if all of it is kept", () => {
  const thinking = { ...ENABLED, keep: "all" };
  const said = { role: "assistant", content: "Plain." };
  assertEquals(
    refusal({ messages: [USER, said, USER], thinking }),
    "thinking is enabled but reasoning_content is missing in assistant message at index 1",
  );
  const kept = { ...said, reasoning_content: "" };
  assertEquals(refusal({ messages: [USER, kept, USER], thinking }), undefined);
  assertEquals(refusal({ messages: [USER, said, USER], thinking: ENABLED }), undefined);
});
