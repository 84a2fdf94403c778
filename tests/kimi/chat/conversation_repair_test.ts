import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { repairConversation } from "../../../lib/kimi/chat/conversation_repair.ts";
import { KIMI_CLI } from "../../../lib/kimi/kimi_cli/body.ts";

const EMPTY = "<system>Tool output is empty.</system>";
const MEDIA = "<system>Tool returned non-text content.</system>";
const USER = { role: "user", content: "go" };

function repair(messages: readonly unknown[], keepsThinking = false): readonly unknown[] {
  return repairConversation(messages, {
    callIds: KIMI_CLI.callIds,
    isBlank: KIMI_CLI.messages.isBlank,
    keepsThinking,
    notes: new Set(),
  });
}

function call(id: string, args: unknown = "{}", name = "bash") {
  return { id, type: "function", function: { name, arguments: args } };
}

function calls(...list: readonly ReturnType<typeof call>[]) {
  return { role: "assistant", content: "", reasoning_content: "r", tool_calls: list };
}

function result(id: string, content: unknown = "done") {
  return { role: "tool", tool_call_id: id, content };
}

Deno.test("repairConversation() passes on a good conversation as it is", () => {
  const messages = [
    { role: "system", content: "s" },
    USER,
    calls(call("bash:0", '{"command":"ls"}'), call("bash:1")),
    result("bash:0"),
    result("bash:1", [{ type: "text", text: "x" }]),
    { role: "assistant", content: "done" },
    { role: "user", content: [{ type: "text", text: "x" }] },
  ];
  const repaired = repair(messages);
  assertEquals(repaired.length, messages.length);
  assert(repaired.every((message, index) => message === messages[index]));
});

for (
  const content of [undefined, null, "", [], "\n\n", "\u0085 \u00a0", [{ type: "text", text: " " }]]
) {
  const name = JSON.stringify(content) ?? "no content";
  Deno.test(`repairConversation() leaves out an assistant message of ${name}, and its thinking`, () => {
    assertEquals(repair([USER, { role: "assistant", content, reasoning_content: "r" }]), [USER]);
  });
  Deno.test(`repairConversation() sends kimi-cli's own words for a tool result of ${name}`, () => {
    const [, , sent] = repair([USER, calls(call("a")), { ...result("a"), content }]);
    assertEquals(sent, result("a", EMPTY));
  });
}

Deno.test("repairConversation() says of a result whose images follow that it is not text", () => {
  const attached = [
    { type: "text", text: "Attached media from tool result:" },
    { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } },
  ];
  const [, , first, second] = repair([
    ...[USER, calls(call("a"), call("b")), result("a", ""), result("b", "")],
    { role: "user", content: attached },
  ]);
  assertEquals([first, second], [result("a", MEDIA), result("b", MEDIA)]);
});

Deno.test("repairConversation() puts text before a result that is an image alone", () => {
  const image = { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };
  const [, , sent] = repair([USER, calls(call("a")), result("a", [image])]);
  assertEquals(sent, result("a", [{ type: "text", text: MEDIA }, image]));
});

Deno.test("repairConversation() makes repeated ids unique, in calls and in their answers", () => {
  const turn = [calls(call("bash:0")), result("bash:0", "1")];
  const sent = repair([USER, ...turn, calls(call("bash:0")), result("bash:0", "2"), ...turn]);
  assertEquals(
    sent.map((message) => JSON.stringify(message).match(/bash:0\w*/)?.[0]),
    [undefined, "bash:0", "bash:0", "bash:0_2", "bash:0_2", "bash:0_3", "bash:0_3"],
  );
});

Deno.test("repairConversation() pairs answers to one id in the order of their calls", () => {
  const sent = repair([USER, calls(call("a"), call("a")), result("a", "1"), result("a", "2")]);
  assertEquals(sent.slice(2), [result("a", "1"), result("a_2", "2")]);
});

Deno.test("repairConversation() shortens an id of over 64 characters in call and answer alike", () => {
  const id = "x".repeat(80);
  const sent = JSON.stringify(repair([USER, calls(call(id)), result(id)]));
  const [first, second] = sent.match(/x+_[0-9a-f]{16}/g) ?? [];
  assertEquals(first, second);
  assertEquals(first?.length, 64);
});

Deno.test("repairConversation() answers a call that has no answer", () => {
  const sent = repair([USER, calls(call("a"), call("b")), result("b"), USER, calls(call("c"))]);
  const missing = "<system>ERROR: The tool call was interrupted.</system>";
  assertEquals(sent.slice(2), [
    result("b"),
    { role: "tool", content: missing, tool_call_id: "a" },
    USER,
    calls(call("c")),
    { role: "tool", content: missing, tool_call_id: "c" },
  ]);
});

Deno.test("repairConversation() leaves out an answer without its call", () => {
  assertEquals(repair([USER, result("gone"), USER]), [USER, USER]);
});

for (const args of ['"ls"', "null", "[1]", "7", "", '{"a":', '{"a":1}}', undefined]) {
  Deno.test(`repairConversation() sends {} for the arguments ${args}`, () => {
    const [, sent] = repair([USER, calls(call("a", args))]);
    assertEquals(sent, calls(call("a", "{}")));
  });
}

Deno.test("repairConversation() keeps arguments to the letter if they are a JSON object", () => {
  const args = '{ "a" : 1.0, "a": "\\u00e9", "big": 12345678901234567890 }';
  const [, sent] = repair([USER, calls(call("a", args)), result("a")]);
  assertEquals(sent, calls(call("a", args)));
});

Deno.test("repairConversation() writes tool names as the service takes them", () => {
  const [, sent] = repair([USER, calls(call("a", "{}", "21st_list_parts"))]);
  assertMatch(JSON.stringify(sent), /"name":"t_21st_list_parts_[0-9a-f]{8}"/);
});

Deno.test("repairConversation() gives every assistant message thinking if thinking is kept", () => {
  const plain = { role: "assistant", content: "Plain." };
  const { reasoning_content: _, ...bare } = calls(call("a"));
  assertEquals(repair([USER, plain, bare, result("a")], true), [
    USER,
    { ...plain, reasoning_content: "" },
    { ...bare, reasoning_content: "" },
    result("a"),
  ]);
});

Deno.test("repairConversation() leaves out a user or system message without content", () => {
  const empty = [{ type: "text", text: "" }];
  assertEquals(
    repair([{ role: "system", content: "" }, USER, { role: "user", content: empty }]),
    [USER],
  );
});

const CONTENT = fc.constantFrom<unknown>("x", "", " ", null, [], [{ type: "text", text: "" }]);
const ID = fc.constantFrom("a", "b", "", "x".repeat(70), "a_2");
const CALL = fc.record({
  id: ID,
  type: fc.constant("function"),
  function: fc.record({
    name: fc.constantFrom("bash", "文档", "1", "x".repeat(90)),
    arguments: fc.constantFrom("{}", '"x"', "", '{"a":1}'),
  }),
});
const MESSAGE = fc.oneof(
  fc.record({ role: fc.constant("user"), content: CONTENT }),
  fc.record({ role: fc.constant("tool"), content: CONTENT, tool_call_id: ID }),
  fc.record({
    role: fc.constant("assistant"),
    content: CONTENT,
    tool_calls: fc.array(CALL, { maxLength: 3 }),
  }),
);

Deno.test("repairConversation() never changes a message because of later ones, but for its end", () => {
  fc.assert(
    fc.property(fc.array(MESSAGE, { maxLength: 12 }), fc.nat(12), (messages, count) => {
      const whole = repair([...messages.slice(0, count), USER, ...messages.slice(count)]);
      const begin = repair([...messages.slice(0, count), USER]);
      assertEquals(whole.slice(0, begin.length), begin);
    }),
  );
});

Deno.test("repairConversation() finds nothing to repair in what it has repaired", () => {
  fc.assert(
    fc.property(fc.array(MESSAGE, { maxLength: 12 }), (messages) => {
      const once = repair(messages, true);
      assertEquals(repair(once, true), once);
    }),
  );
});
