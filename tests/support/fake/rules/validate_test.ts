import { assertEquals } from "@std/assert";
import { at, chat, HELLO } from "../tests/client.ts";
import { defaultSettings } from "../answers/defaults.ts";
import { startFakeKimi } from "../kimi.ts";
import { parseBody, refuseBody } from "./validate.ts";

function refusal(change: Readonly<Record<string, unknown>>): string | undefined {
  const body = parseBody(new TextEncoder().encode(JSON.stringify({ ...HELLO, ...change })));
  if (body === undefined) throw new Error("the test's own body is not JSON");
  const answer = refuseBody(body, defaultSettings());
  return answer && String(at(JSON.parse(answer.body ?? ""), "error", "message"));
}

const USER = { role: "user", content: "go" };
const SCHEMA = "Invalid request: tools.function.parameters is not a valid moonshot flavored " +
  "json schema, details: ";

function tool(name: string, parameters: unknown = { type: "object" }): object {
  return { type: "function", function: { name, parameters } };
}

function call(id: unknown): object {
  return { role: "assistant", tool_calls: [{ id, type: "function" }], reasoning_content: "" };
}

Deno.test("refusal() refuses the messages that the service refuses", () => {
  const cases: readonly (readonly [readonly unknown[], string])[] = [
    [[], "Invalid request: messages must not be empty"],
    [["text"], "Invalid request: message 0 is not an object"],
    [
      [{ role: "developer", content: "x" }],
      "Invalid request: role 'developer' of the message at position 0 is not supported",
    ],
    [[{ role: "user", content: "" }], "Invalid request: text content is empty"],
    [[{ role: "user", content: [] }], "Invalid request: text content is empty"],
    [
      [{ role: "user", content: [{ type: "text", text: "" }] }],
      "Invalid request: text content is empty",
    ],
    [[USER, { ...call("a"), content: "" }], "Invalid request: text content is empty"],
    [
      [USER, { role: "assistant", content: "" }],
      "Invalid request: the message at position 1 with role 'assistant' must not be empty",
    ],
    [
      [USER, { role: "tool", content: "x", tool_call_id: "a" }],
      "Invalid request: tool_call_id a is not found",
    ],
    [
      [USER, call("a".repeat(65))],
      `Invalid request: tool_call id is longer than 64: ${"a".repeat(65)}`,
    ],
    [[USER, call(7)], "Invalid request: tool_call id is missing"],
    [
      [{ role: "user", content: [{ type: "image_url", image_url: { url: "https://x" } }] }],
      "Invalid request: unsupported image url: https://x",
    ],
    [
      [{
        role: "user",
        content: [{ type: "image_url", image_url: { url: "data:image/x-icon;base64,AA" } }],
      }],
      "Invalid request: unsupported image format: image/x-icon",
    ],
    [[{ role: "user", content: "\ud800" }], "Invalid request: body holds a lone surrogate"],
  ];
  for (const [messages, message] of cases) assertEquals(refusal({ messages }), message);
});

Deno.test("refusal() accepts messages as kimi-cli sends them", () => {
  const messages = [
    { role: "system", content: "s" },
    { role: "user", content: [{ type: "image_url", image_url: { url: "data:x", id: null } }] },
    { role: "assistant", content: [], reasoning_content: "only a thought" },
    { ...call("a".repeat(64)) },
    { role: "tool", content: [{ type: "text", text: "x" }], tool_call_id: "a".repeat(64) },
  ];
  assertEquals(refusal({ messages, thinking: { type: "enabled" } }), undefined);
});

Deno.test("a tool call without reasoning_content is refused while thinking is enabled", () => {
  const messages = [USER, { role: "assistant", tool_calls: [{ id: "a", type: "function" }] }];
  assertEquals(
    refusal({ messages, thinking: { type: "enabled" } }),
    "thinking is enabled but reasoning_content is missing in assistant tool call message at index 1",
  );
  assertEquals(refusal({ messages, thinking: { type: "disabled" } }), undefined);
});

Deno.test("text over 2 MiB is refused, not counting data URLs", () => {
  const image = { type: "image_url", image_url: { url: `data:${"x".repeat(2097152)}` } };
  assertEquals(refusal({ messages: [{ role: "user", content: [image] }] }), undefined);
  assertEquals(
    refusal({ messages: [{ role: "user", content: "é".repeat(1048576) }] }),
    "Invalid request: total message size 2097182 exceeds limit 2097152",
  );
});

Deno.test("too many tools, or two with the same name, are refused", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => tool(`t${index}`));
  assertEquals(refusal({ tools: many(128) }), undefined);
  assertEquals(
    refusal({ tools: many(129) }),
    "Invalid request: a max of 128 tools can be supported",
  );
  assertEquals(
    refusal({ tools: [tool("a"), tool("a")] }),
    "Invalid request: function name a is duplicated",
  );
});

Deno.test("a nested schema without type is refused with its path", () => {
  const cases: readonly (readonly [unknown, string | undefined])[] = [
    [{ properties: { view: { enum: ["a"] } } }, "properties.view"],
    [
      { properties: { a: { anyOf: [{ type: "object", properties: { b: {} } }] } } },
      "properties.a.anyOf.properties.b",
    ],
    [{ properties: { a: { type: "array", items: { minLength: 1 } } } }, "properties.a.items"],
    [{ additionalProperties: { description: "x" } }, "additionalProperties"],
    [{ properties: { a: { oneOf: [{ const: 1 }] } } }, "properties.a.oneOf"],
    [{ $defs: { a: {} }, properties: { a: { $ref: "#/$defs/a" }, b: true } }, undefined],
  ];
  for (const [parameters, path] of cases) {
    const message = path && `${SCHEMA}<At path '${path}': type is not defined>`;
    assertEquals(refusal({ tools: [tool("t", parameters)] }), message);
  }
});

Deno.test("only the fixed sampling values and tool choices that are not forced pass", () => {
  assertEquals(refusal({ temperature: 1, top_p: 0.95, tool_choice: "auto" }), undefined);
  assertEquals(
    refusal({ temperature: 0.5 }),
    "invalid temperature: only 1 is allowed for this model",
  );
  const thinking = { type: "disabled" };
  assertEquals(refusal({ temperature: 0.6, thinking }), undefined);
  assertEquals(
    refusal({ temperature: 1, thinking }),
    "invalid temperature: only 0.6 is allowed for this model",
  );
  assertEquals(refusal({ top_p: 1 }), "invalid top_p: only 0.95 is allowed for this model");
  assertEquals(
    refusal({ tool_choice: "required" }),
    "tool_choice 'required' is incompatible with thinking enabled",
  );
});

Deno.test("refusals answer 400, an unknown model 404, and strictBodies turns them off", async () => {
  await using fake = await startFakeKimi();
  const { access_token } = fake.issueTokens();
  const broken = await chat(fake, access_token, "{");
  assertEquals([broken.status, broken.at("error", "type")], [400, "invalid_request_error"]);
  const unknown = await chat(fake, access_token, { ...HELLO, model: "k9" });
  assertEquals([unknown.status, unknown.at("error", "type")], [404, "resource_not_found_error"]);
  assertEquals((await chat(fake, access_token, { ...HELLO, messages: [] })).status, 400);
  fake.settings.strictBodies = false;
  assertEquals((await chat(fake, access_token, { ...HELLO, messages: [] })).status, 200);
});

Deno.test("a body that is not a JSON object in UTF-8 is refused", () => {
  assertEquals(parseBody(new Uint8Array([0x22, 0xff, 0x22])), undefined);
  assertEquals(parseBody(new TextEncoder().encode("[]")), undefined);
});
