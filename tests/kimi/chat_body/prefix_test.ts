/** Contract 6: the beginning of a conversation that the server has cached does not change. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { AnsweredConversation, BodyContext } from "../../../lib/kimi/chat/body.ts";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import { createKnownArguments } from "../../../lib/kimi/chat/shape/call_arguments.ts";
import { CHAT_BODIES } from "../../../lib/kimi/clients/chat_bodies.ts";
import { bodyContext, deepFreeze, jsonWith, utf16 } from "../../support/vectors.ts";

const text = fc.oneof(utf16, fc.constantFrom("", " ", "\n", "\x1c", "ok", "a".repeat(70)));
const id = fc.oneof(fc.constantFrom("bash:0", "call_1"), text.map((id) => id.repeat(3)));
const part = fc.oneof(
  text.map((text) => ({ type: "text", text })),
  fc.constant({ type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }),
  fc.constant({ type: "input_audio", input_audio: {} }),
);
const content = fc.oneof(text, fc.array(part, { maxLength: 3 }), fc.constant(null));
const call = fc.record({
  id,
  type: fc.constant("function"),
  function: fc.record({ name: text, arguments: fc.oneof(text, fc.constantFrom("{}", '{"a":1}')) }),
});
const message: fc.Arbitrary<unknown> = fc.oneof(
  fc.record({ role: fc.constant("user"), content }),
  fc.record({
    role: fc.constant("assistant"),
    content,
    reasoning_content: text,
    tool_calls: fc.array(call, { maxLength: 2 }),
  }, { requiredKeys: ["role", "content"] }),
  fc.record({ role: fc.constant("tool"), content, tool_call_id: id }),
  fc.record({ role: fc.constantFrom("system", "developer"), content }),
  jsonWith(["role", "content", "user", "assistant"]),
);
const conversation = fc.array(message, { maxLength: 8 });

/** Whether calls wait for their results at the end of the messages. */
function hasOpenCalls(messages: readonly unknown[]): boolean {
  const roles = messages.map((message) => isObject(message) ? message.role : undefined);
  const last = messages[roles.findLastIndex((role) => role !== "tool")];
  return isObject(last) && Array.isArray(last.tool_calls) && last.tool_calls.length > 0;
}

const THINKING_EFFORTS: readonly JsonObject[] = [
  {},
  { thinking: { type: "disabled" } },
  { thinking: { type: "enabled" }, reasoning_effort: "low" },
  { thinking: { type: "enabled" }, reasoning_effort: "high" },
];
const effort = fc.constantFrom(...THINKING_EFFORTS);

for (const client of ["kimi-cli", "kimi-code"] as const) {
  const convert = (body: JsonObject, over: Partial<BodyContext> = {}) =>
    CHAT_BODIES[client](body, bodyContext(over));

  Deno.test(`contract 6: at constant effort, a turn's messages begin with those of ${client}'s last turn`, () => {
    fc.assert(
      fc.property(conversation, conversation, effort, (turns, more, effort) => {
        const body = (
          messages: readonly unknown[],
          answered: ReadonlyMap<string, AnsweredConversation>,
        ) => convert(deepFreeze({ ...effort, messages, prompt_cache_key: "s" }), { answered });
        // A call is answered before the next request.
        fc.pre(!hasOpenCalls(turns));
        const before = body(turns, new Map());
        const { key, mark, messages } = before.conversation;
        const answered = new Map([[key, { count: messages.length, mark, total: 1234 }]]);
        const after = body([...turns, ...more], answered);
        const [earlier, later] = [before, after].map(({ body }) => JSON.stringify(body.messages));
        assert(later?.startsWith(earlier?.slice(0, -1) ?? "-"), `${earlier}\n${later}`);
      }),
      { numRuns: 300 },
    );
  });

  Deno.test(`contract 6: the same input gives ${client} the same bytes`, () => {
    fc.assert(fc.property(conversation, effort, (messages, effort) => {
      const body = { ...effort, messages, model: "m", prompt_cache_key: "s", stream: true };
      const first = JSON.stringify(convert(body).body);
      assertEquals(JSON.stringify(convert(structuredClone(body)).body), first);
      assertEquals(JSON.stringify(convert(JSON.parse(JSON.stringify(body))).body), first);
    }));
  });

  Deno.test(`contract 6: what is known of earlier requests changes no byte of ${client}`, () => {
    const session = fc.constantFrom("s", "t");
    const requests = fc.array(fc.tuple(conversation, session, effort), { maxLength: 5 });
    fc.assert(fc.property(requests, (requests) => {
      const judge = createKnownArguments();
      for (const [messages, prompt_cache_key, effort] of requests) {
        for (const length of [messages.length, Math.ceil(messages.length / 2)]) {
          const body = { ...effort, messages: messages.slice(0, length), prompt_cache_key };
          assertEquals(convert(body, { judge }), convert(body));
        }
      }
    }));
  });

  Deno.test(`contract 6: a remembered answer changes only the budget of ${client}`, () => {
    const messages = [{ role: "user", content: "a" }, { role: "assistant", content: "b" }];
    const first = convert({ messages, prompt_cache_key: "s" });
    const { key, mark } = convert({ messages: messages.slice(0, 1), prompt_cache_key: "s" })
      .conversation;
    const answered = new Map([[key, { count: 1, mark, total: 9000 }]]);
    const second = convert({ messages, prompt_cache_key: "s" }, { answered });
    assertEquals(second.conversation.floor, 9000);
    assertEquals({ ...second.body, max_completion_tokens: 0 }, {
      ...first.body,
      max_completion_tokens: 0,
    });
  });
}
