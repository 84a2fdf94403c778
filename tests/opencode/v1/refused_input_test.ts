/** What users had refused by Kimi, sent through the plugin: Kimi takes each, in the first request and the next. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import { events } from "../../client/chat/fixtures.ts";
import type { Answer } from "../../support/environment.ts";
import { refusalOf } from "../../support/judge.ts";
import { ask, body, plugin, type PluginChanges, started } from "./fixtures.ts";

const USER = { role: "user", content: "go" };

/** Sends a body twice; gives what went out, which Kimi takes and which is the same each time. */
async function sentOf(given: JsonObject, changes: PluginChanges = {}) {
  const answer: Answer = ({ url }) =>
    url.endsWith("/models") ? Response.json({ data: [] }) : events("[DONE]");
  const made = plugin({ answer, ...changes });
  const sdk = await started(made);
  for (let time = 0; time < 2; time++) await (await ask(sdk, body(given))).text();
  const [first, second] = made.environment.sent.filter(({ url }) => url.endsWith("/completions"));
  assert(first !== undefined);
  assertEquals([first.body, refusalOf(first.body)], [second?.body, undefined]);
  const sent: { messages: readonly JsonObject[] } & JsonObject = JSON.parse(first.body);
  return sent;
}

function call(id: string, name = "bash", args = "{}"): JsonObject {
  const calls = [{ id, type: "function", function: { name, arguments: args } }];
  return { role: "assistant", content: null, reasoning_content: "r", tool_calls: calls };
}

function result(id: string, content: unknown = "done"): JsonObject {
  return { role: "tool", tool_call_id: id, content };
}

function tool(name: string, parameters: JsonObject = { type: "object", properties: {} }) {
  return { type: "function", function: { name, description: "d", parameters } };
}

function functionOf(given: unknown): JsonObject {
  const [first] = Array.isArray(given) ? given : [];
  return isObject(first) && isObject(first.function) ? first.function : {};
}

Deno.test("schemas that Kimi refuses are repaired, the same for each model", async () => {
  const anyOf = [{ required: ["a"] }];
  const tools = [
    tool("a", { type: "object", properties: { a: { type: "string" } }, anyOf }),
    tool("b", { type: "object", properties: { v: { enum: ["kg", null] } } }),
    tool("c", { $ref: "#/definitions/X", definitions: { X: { type: "object", properties: {} } } }),
  ];
  const [first, second] = await Promise.all(
    ["kimi-for-coding", "k3"].map((model) => sentOf({ model, tools })),
  );
  assertEquals(first?.tools, second?.tools);
});

Deno.test("a tool whose name Kimi refuses has another on the wire, and its own in opencode", async () => {
  const own = "21st_list_parts";
  const given = {
    messages: [USER, call("a", own), result("a")],
    tools: [tool(own)],
    thinking: { type: "disabled" },
    tool_choice: { type: "function", function: { name: own } },
  };
  const { messages, tools, tool_choice } = await sentOf(given);
  const { name } = functionOf(tools);
  assertMatch(String(name), /^t_21st_list_parts_[0-9a-f]{8}$/);
  assertEquals(functionOf(messages[1]?.tool_calls).name, name);
  assertEquals(functionOf([tool_choice]).name, name);
  const called = { index: 0, id: "b", type: "function", function: { name, arguments: "{}" } };
  const chunk = JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [called] } }] });
  const sdk = await started(plugin({
    answer: ({ url }) =>
      url.endsWith("/models") ? Response.json({ data: [] }) : events(chunk, "[DONE]"),
  }));
  const text = await (await ask(sdk, body(given))).text();
  assertStringIncludes(text, `"name":"${own}"`);
  assert(!text.includes(String(name)));
});

Deno.test("call ids that a conversation repeats are made unique, in calls and answers", async () => {
  const turn = (answer: string) => [call("bash:0"), result("bash:0", answer)];
  const { messages } = await sentOf({ messages: [USER, ...turn("1"), ...turn("2")] });
  const ids = messages.filter(({ role }) => role === "tool").map((each) => each.tool_call_id);
  assertEquals([new Set(ids).size, ids[0]], [2, "bash:0"]);
});

Deno.test("a call's arguments that are not an object are sent as {}", async () => {
  for (const args of ['"ls"', "null", "[]", "7"]) {
    const { messages } = await sentOf({ messages: [USER, call("a", "bash", args), result("a")] });
    assertEquals(functionOf(messages[1]?.tool_calls).arguments, "{}");
  }
});

Deno.test("an assistant's message without content is left out, with its thinking", async () => {
  for (const content of ["", "\n\n", [], null]) {
    const blank = { role: "assistant", content, reasoning_content: "I must think." };
    assertEquals((await sentOf({ messages: [USER, blank, USER] })).messages, [USER, USER]);
  }
});

Deno.test("a tool's result without text has kimi-cli's words for that", async () => {
  for (const content of ["", "  ", "\n", []]) {
    const { messages } = await sentOf({ messages: [USER, call("a"), result("a", content)] });
    assertEquals(messages[2]?.content, "<system>Tool output is empty.</system>");
  }
});

Deno.test("with KIMI_MODEL_THINKING_KEEP=all, each answer of the model has its thinking", async () => {
  const messages = [USER, { role: "assistant", content: "Plain." }, USER];
  const variables = { KIMI_MODEL_THINKING_KEEP: "all" };
  const sent = await sentOf({ messages }, { variables });
  assertEquals(sent.thinking, { type: "enabled", keep: "all" });
  assertEquals(sent.messages[1]?.reasoning_content, "");
});

Deno.test("data that is not the image that its type says has its own type, or is a line of text", async () => {
  const image = (data: string) => {
    const url = `data:image/png;base64,${data}`;
    return { role: "user", content: [{ type: "image_url", image_url: { url } }] };
  };
  for (const data of ["PCFkb2N0eXBlIGh0bWw+", "AAAAHGZ0eXBhdmlm", ""]) {
    const { messages } = await sentOf({ messages: [image(data)] });
    assertMatch(JSON.stringify(messages), /"content":"\[an image [^"]*was left out/);
  }
  const { messages } = await sentOf({ messages: [image("/9j/4AAQSkZJRg==")] });
  assertStringIncludes(JSON.stringify(messages), "data:image/jpeg;base64,/9j/4AAQSkZJRg==");
});

Deno.test("contract 6: the models of a session share its prompt_cache_key, as kimi-cli's do", async () => {
  for (const [id, agent] of [["kimi-for-coding", "build"], ["k3", "build"], ["k3", "title"]]) {
    const output: { options: JsonObject } = { options: {} };
    const model = { providerID: "kimi-for-coding-oauth", id };
    await plugin().hooks["chat.params"]({ sessionID: "ses_1", agent, model }, output);
    assertEquals(output.options.prompt_cache_key, "ses_1");
  }
});
