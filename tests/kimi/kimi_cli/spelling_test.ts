import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readSpelling, spelledMessages } from "../../../lib/kimi/kimi_cli/spelling.ts";
import type { Spelled } from "../../../lib/kimi/chat/body.ts";

/** Arguments in spellings that `JSON.stringify` does not write. */
const SPELLINGS = [
  '{"command": "ls", "timeout": 5}',
  '{ "command" : "ls" }',
  '{\n  "command": "ls"\n}',
  '{"path":"a\\/b"}',
  '{"name":"\\u540d\\u524d"}',
  '{"emoji":"\\ud83d\\ude00"}',
  '{"ratio":1.0}',
  '{"ratio":1e3,"small":1E-7}',
  '{"id":12345678901234567890}',
  '{"id":-0}',
  '{"a":1,"a":2}',
  '{"b":1,"2":2,"1":3}',
  " {}",
  '{"a":1}\n',
];

function call(id: string, args: string) {
  return { id, type: "function", function: { name: "bash", arguments: args } };
}

function turn(...calls: readonly ReturnType<typeof call>[]) {
  return { role: "assistant", content: "", tool_calls: calls };
}

function spelling(id: string, text: string): Required<Spelled> {
  return { id, text, plain: JSON.stringify(JSON.parse(text)) };
}

for (const text of SPELLINGS) {
  Deno.test(`spelledMessages() gives a call the model's own ${JSON.stringify(text)}`, () => {
    const spelled = readSpelling("a", text);
    assertEquals(spelled, spelling("a", text));
    const messages = [turn(call("a", spelling("a", text).plain))];
    assertEquals(spelledMessages(messages, [spelled]), [turn(call("a", text))]);
  });
}

for (
  const [what, text] of [
    ["are spelled as JSON.stringify does", '{"a":1}'],
    ["are not JSON", '{"a": 1'],
    ["are not an object", "[1, 2]"],
    ["are empty", ""],
    ["begin with a byte order mark", '\ufeff{"a": 1}'],
    ["are over 64 KiB", `{"a": "${"x".repeat(65_536)}"}`],
  ] as const
) {
  Deno.test(`readSpelling() gives no text for arguments that ${what}`, () => {
    assertEquals(readSpelling("a", text), { id: "a" });
  });
}

Deno.test("spelledMessages() leaves a call alone if its value is not what the model wrote", () => {
  const messages = [turn(call("a", '{"command":"rm"}'))];
  assertEquals(spelledMessages(messages, [spelling("a", '{"command": "ls"}')]), messages);
});

Deno.test("spelledMessages() gives the spellings of one id to its calls in their order", () => {
  const [first, second] = ['{"a": 1}', '{ "a": 1}'] as const;
  const messages = [turn(call("a", '{"a":1}')), turn(call("a", '{"a":1}'), call("b", '{"a":1}'))];
  const spelled = [spelling("a", first), spelling("a", second)];
  assertEquals(spelledMessages(messages, spelled), [
    turn(call("a", first)),
    turn(call("a", second), call("b", '{"a":1}')),
  ]);
});

Deno.test("contract 6: spelledMessages() changes no earlier message when calls are appended", () => {
  const made = fc.record({
    id: fc.constantFrom("a", "b"),
    text: fc.constantFrom(...SPELLINGS),
    isKept: fc.boolean(),
  });
  fc.assert(fc.property(fc.array(made, { maxLength: 8 }), fc.nat(8), (calls, cut) => {
    const messages = calls.map(({ id, text }) => turn(call(id, JSON.stringify(JSON.parse(text)))));
    const kept = (until: number) =>
      calls.slice(0, until).map(({ id, text, isKept }) => isKept ? readSpelling(id, text) : { id });
    const whole = spelledMessages(messages, kept(calls.length));
    assertEquals(spelledMessages(messages.slice(0, cut), kept(cut)), whole.slice(0, cut));
  }));
});
