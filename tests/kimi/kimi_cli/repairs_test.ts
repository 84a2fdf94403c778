/** Input that the service would refuse, and what replaces it. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { shortCallId } from "../../../lib/kimi/chat/call_ids.ts";
import { toWireName } from "../../../lib/kimi/chat/tool_names.ts";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import {
  convert,
  convertMessage,
  emptyTotals,
  sdkTool,
  sent,
  utf16,
} from "../../support/vectors.ts";
import { retried } from "../../support/opencode/retry.ts";

function call(id: string): JsonObject {
  return { id, type: "function", function: { name: "f", arguments: "{}" } };
}

/** The id as sent in a call and in its result. */
function sentIds(id: string): { readonly call: unknown; readonly answer: unknown } {
  const { messages } = convert({
    messages: [
      { role: "assistant", content: "", tool_calls: [call(id)] },
      { role: "tool", content: "out", tool_call_id: id },
    ],
  }).conversation;
  const [asked, answered] = messages.map((message) => isObject(message) ? message : {});
  const calls = Array.isArray(asked?.tool_calls) ? asked.tool_calls : [];
  return { call: calls[0]?.id, answer: answered?.tool_call_id };
}

function tools(count: number): readonly JsonObject[] {
  return Array.from({ length: count }, (_, at) => sdkTool({ name: `t${at}`, parameters: {} }));
}

Deno.test("a tool-call id of up to 64 characters is kept", () => {
  for (const id of ["bash:0", "functions.read_file:12", "x".repeat(64), "名".repeat(64)]) {
    assertEquals(sentIds(id), { call: id, answer: id });
  }
});

Deno.test("a longer tool-call id is shortened to 64 characters, the same in call and result", () => {
  fc.assert(fc.property(utf16, fc.integer({ min: 25, max: 200 }), (text, more) => {
    const id = `call_${text}${"z".repeat(more + 40)}`;
    const { call, answer } = sentIds(id);
    assertEquals(call, answer);
    assert(typeof call === "string" && call.length <= 64 && call.isWellFormed(), `${call}`);
    assertEquals(sentIds(id).call, call);
  }));
  assertEquals(shortCallId("a".repeat(65)).length, 64);
});

Deno.test("different long tool-call ids stay different", () => {
  const long = "toolu_".padEnd(80, "0");
  const ids = Array.from({ length: 2000 }, (_, at) => `${long}${at}`);
  ids.push(...Array.from({ length: 80 }, (_, at) => `${long.slice(0, at)}x${long.slice(at + 1)}`));
  const short = new Set(ids.map((id) => sentIds(id).call));
  assertEquals(short.size, new Set(ids).size);
  // Both words of the hash distinguish ids.
  for (const [from, to] of [[-16, -8], [-8, 64]]) {
    const words = [...short].map((id) => String(id).slice(from, to));
    assert(new Set(words).size > ids.length / 2);
  }
});

Deno.test("tokens are estimated from the shortened tool-call id", () => {
  const tokens = (id: string) => {
    const totals = emptyTotals();
    convertMessage({ role: "tool", content: "", tool_call_id: id }, true, totals);
    return totals.tokens;
  };
  assertEquals(tokens("a".repeat(64)), 1 + 16);
  assertEquals(tokens("a".repeat(6400)), 1 + 16);
});

Deno.test("a tool-call message without reasoning gets an empty one only if the model thinks", () => {
  const messages = [{ role: "assistant", content: "", tool_calls: [call("f:0")] }];
  const repaired = (thinking: JsonObject) =>
    sent({ messages, thinking }).includes('}}],"reasoning_content":""}');
  assert(repaired({ type: "enabled" }));
  assert(!repaired({ type: "disabled" }));
  const thought = [{ ...messages[0], reasoning_content: "t" }];
  assert(sent({ messages: thought }).includes('}}],"reasoning_content":"t"}'));
});

Deno.test("chatBody() throws on more than 128 tools, with a count that causes no retry", () => {
  convert({ messages: [], tools: tools(128) });
  for (const count of [129, 200]) {
    const error = assertThrows(
      () => convert({ messages: [], tools: tools(count) }),
      KimiError,
      `${count} tools are active, and Kimi accepts at most 128`,
    );
    assertEquals(error.code, "invalid_request");
  }
  for (const count of [429, 500, 1502]) {
    const error = assertThrows(() => convert({ tools: tools(count) }), KimiError, "Over 400 tools");
    assert(!retried(error.message), error.message);
  }
});

Deno.test("a forced tool choice is dropped with a note, auto and none without one", () => {
  const note = "a forced tool choice was dropped: Kimi refuses it while the model thinks";
  const forced = ["required", { type: "function", function: { name: "f" } }];
  for (const tool_choice of [...forced, "auto", "none", null, undefined]) {
    const { body, notes } = convert({ messages: [], tools: tools(1), tool_choice });
    assert(!Object.hasOwn(body, "tool_choice"));
    const isForced = forced.some((choice) => choice === tool_choice);
    assertEquals(notes, isForced ? [note] : []);
  }
});

Deno.test("a forced tool choice is kept, with the tool's name on the wire, if thinking is off", () => {
  const thinking = { type: "disabled" };
  const choice = (name: string) => ({ type: "function", function: { name } });
  const tools = ["f", "1f"].map((name) => sdkTool({ name, parameters: {} }));
  const sent = (tool_choice: unknown) => convert({ messages: [], tools, thinking, tool_choice });
  for (const tool_choice of ["required", choice("f")]) {
    const { body, notes } = sent(tool_choice);
    assertEquals([body.tool_choice, notes], [tool_choice, []]);
    assertEquals(Object.keys(body).at(-1), "tool_choice");
  }
  assertEquals(sent(choice("1f")).body.tool_choice, choice(toWireName("1f")));
  for (const tool_choice of [choice("g"), {}, 7, { type: "function" }]) {
    const { body, notes } = sent(tool_choice);
    assertEquals(body.tool_choice, undefined);
    assertEquals(notes, ["a forced tool choice was dropped: it names no tool of the request"]);
  }
});

Deno.test("a lone surrogate is replaced in every text, the same in call and result", () => {
  fc.assert(fc.property(utf16, utf16, (text, id) => {
    const replaced = text.toWellFormed();
    const convert = (message: JsonObject) => convertMessage(message, true, emptyTotals());
    for (const role of ["system", "user"]) {
      assertEquals(convert({ role, content: text }), { role, content: replaced });
    }
    const parts = [{ type: "text", text: `a${text}` }, { type: "text", text: `b${text}` }];
    const made = parts.map((part) => ({ ...part, text: part.text.toWellFormed() }));
    assertEquals(convert({ role: "user", content: parts }), { role: "user", content: made });
    const tool_calls = [{ id, function: { name: text, arguments: text } }];
    const answer = convert({ role: "tool", content: text, tool_call_id: id });
    assertEquals(answer, { role: "tool", content: replaced, tool_call_id: id.toWellFormed() });
    assertEquals(
      convert({ role: "assistant", content: `.${text}`, tool_calls, reasoning_content: text }),
      {
        role: "assistant",
        content: `.${replaced}`,
        tool_calls: [{
          type: "function",
          id: id.toWellFormed(),
          function: { name: replaced, arguments: replaced },
        }],
        reasoning_content: replaced,
      },
    );
  }));
});
