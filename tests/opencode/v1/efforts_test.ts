/** Efforts that a model of the account has, and those that it has not. */

import { assertEquals } from "@std/assert";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import { entryOf, FIRST, offered, ONLY, service, start } from "./account.ts";
import { body, ID, type Plugin } from "./fixtures.ts";

/** The paired fields that are sent for a model, after the hook ran. */
async function fields(made: Plugin, model: string, input: JsonObject, options: JsonObject = {}) {
  const { sdk } = await offered(made, { model: `${ID}/${model}` });
  const output = { options: { ...options } };
  const given = { sessionID: "s", model: { providerID: ID, api: { id: model } }, ...input };
  await made.hooks["chat.params"](given, output);
  const { reasoningEffort, ...rest }: JsonObject = output.options;
  const sent = sdk.transformRequestBody({
    ...body({ model }),
    ...rest,
    reasoning_effort: reasoningEffort,
  });
  return JSON.stringify([sent.thinking, sent.reasoning_effort]);
}

const ON = '{"type":"enabled"}';
const SENT = [
  [
    "a title of a model that only thinks has the lowest effort",
    "k3-256k",
    { agent: "title" },
    {},
    `[${ON},"low"]`,
  ],
  [
    "a title of a model that never thinks has no field",
    "kimi-plain",
    { agent: "title" },
    {},
    "[null,null]",
  ],
  [
    "a title of any other has no thinking",
    "kimi-for-coding",
    { agent: "title" },
    {},
    '[{"type":"disabled"},null]',
  ],
  ["an effort of the model's options is mapped", "kimi-for-coding", {}, {
    reasoningEffort: "medium",
  }, `[${ON},"low"]`],
  ["thinking off is mapped", "k3-256k", {}, { thinking: { type: "disabled" } }, `[${ON},"low"]`],
  [
    "an effort that the model has is sent",
    "k3-256k",
    {},
    { reasoningEffort: "max" },
    `[${ON},"max"]`,
  ],
] as const;

for (const [name, model, input, options, sent] of SENT) {
  Deno.test(`contract 5: ${name}`, async () => {
    const made = start(entryOf("u1"));
    assertEquals(await fields(made, model, input, options), sent);
  });
}

Deno.test("contract 5: a mapped effort is logged once, not for each request", async () => {
  const made = start(entryOf("u1"), { answer: service([FIRST]) });
  for (let turn = 0; turn < 3; turn++) {
    await fields(made, "kimi-for-coding", {}, { reasoningEffort: "medium" });
  }
  const lines = made.environment.logs.filter((line) => line.includes("was replaced"));
  assertEquals(lines, [
    'warn: In a request, the effort "medium" was replaced by "low": kimi-for-coding does not have it',
  ]);
});

Deno.test("contract 5: efforts are not mapped before the service lists its models", async () => {
  const made = start(entryOf("u1"), {
    answer: () => Promise.reject(new TypeError("offline")),
  });
  for (const effort of ["low", "medium", "high", "max"]) {
    const sent = await fields(made, "kimi-for-coding", {}, { reasoningEffort: effort });
    assertEquals(sent, `[${ON},"${effort}"]`);
  }
});

Deno.test("contract 5: from its second start on, a title of a model that only thinks waits for no list", async () => {
  const first = start(entryOf("u1"), { answer: service([ONLY]) });
  await offered(first);
  const answer = () => new Promise<Response>(() => {});
  const second = start(entryOf("u1"), { before: first, answer });
  assertEquals(await fields(second, ONLY.id, { agent: "title" }), `[${ON},"low"]`);
});
