import { assert, assertEquals } from "@std/assert";
import { KIMI_CLI } from "../../../../lib/kimi/kimi_cli/body.ts";
import { repairConversation } from "../../../../lib/kimi/chat/conversation_repair.ts";
import { shapeMessage } from "../../../../lib/kimi/chat/shape/message_shape.ts";

function shaped(message: unknown): unknown {
  return shapeMessage(message, new Set());
}

/** The content of a user's message, shaped. */
function content(given: unknown): unknown {
  return shapeMessage({ role: "user", content: given }, new Set())?.content;
}

Deno.test("shapeMessage() returns a message of a known shape as it is", () => {
  const url = { url: "ms://file-1" };
  const parts = [{ type: "text", text: "a" }, { type: "video_url", video_url: url }];
  for (const given of [undefined, null, "", "a", [], parts]) {
    const message = { role: "user", content: given };
    assert(shaped(message) === message, JSON.stringify(given));
  }
});

Deno.test("shapeMessage() leaves out what is not a message", () => {
  for (const given of [undefined, null, 7, "hello", []]) assertEquals(shaped(given), undefined);
});

Deno.test("shapeMessage() sends a developer's message as the system's, and another role's as the user's", () => {
  assertEquals(shaped({ role: "developer", content: "a" }), { role: "system", content: "a" });
  for (const role of ["function", 7, undefined]) {
    assertEquals(shaped({ role, content: "a" }), { role: "user", content: "a" });
  }
});

Deno.test("shapeMessage() makes parts of bare texts, and leaves out parts that say nothing", () => {
  const text = { type: "text", text: "a" };
  assertEquals(content(["a", text, null, 7, [], {}, { type: "text" }]), [text, text]);
  assertEquals(content(text), [text]);
  assertEquals(content(7), []);
});

Deno.test("shapeMessage() writes a line in place of a part that Kimi does not know", () => {
  const line = '[a message part of the type "file" was left out: Kimi does not know it]';
  assertEquals(content([{ type: "file", file: {} }]), [{ type: "text", text: line }]);
  const [{ text }] = content([{ type: "image_url", image_url: "u" }]) as [{ text: string }];
  assert(text.includes('type "image_url" was left out'));
});

Deno.test("repairConversation() leaves out calls of an unknown shape, and names those without a name", () => {
  const call = { id: "a", type: "function", function: { name: "f", arguments: "{}" } };
  const calls = [null, 7, {}, { function: "f" }, call, { ...call, id: 7, type: "x", function: {} }];
  const repaired = repairConversation(
    [{ role: "assistant", content: "b", tool_calls: calls }],
    {
      callIds: KIMI_CLI.callIds,
      isBlank: KIMI_CLI.messages.isBlank,
      keepsThinking: false,
      notes: new Set(),
    },
  );
  const unnamed = { name: "t__811c9dc5", arguments: "{}" };
  const [message] = repaired as [{ tool_calls: unknown }];
  assertEquals(message.tool_calls, [call, { id: "call", type: "function", function: unnamed }]);
});
