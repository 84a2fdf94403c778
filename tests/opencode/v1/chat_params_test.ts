import { assertEquals, assertStrictEquals } from "@std/assert";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import { configured, ID, plugin, sdkPart, started } from "./fixtures.ts";

const MODEL = { providerID: ID, id: "kimi-for-coding" };

/** Runs the hook as opencode does; gives the options that it left. */
async function params(input: JsonObject, options: JsonObject = {}): Promise<JsonObject> {
  const output = { temperature: 0.5, topP: 1, options: { ...options } };
  const { hooks } = plugin();
  await hooks["chat.params"]({ sessionID: "ses_1", model: MODEL, ...input }, output);
  assertEquals([output.temperature, output.topP], [0.5, 1]);
  return output.options;
}

/** The paired fields of the body that opencode's SDK makes of the options. */
async function paired(input: JsonObject, options: JsonObject = {}): Promise<JsonObject> {
  const { reasoningEffort, ...rest } = await params(input, options);
  const sdk = await started(plugin());
  const { thinking, reasoning_effort, prompt_cache_key } = sdk.transformRequestBody({
    model: "kimi-for-coding",
    messages: [{ role: "user", content: "hello" }],
    ...rest,
    reasoning_effort: reasoningEffort,
    stream: true,
  });
  assertEquals(prompt_cache_key, "ses_1");
  return { thinking, ...(reasoning_effort === undefined ? {} : { reasoning_effort }) };
}

/** What opencode merges into the options for a variant of our entry. */
async function variant(name: string): Promise<JsonObject> {
  const entry = JSON.parse(JSON.stringify(await configured(plugin())));
  return entry.models["kimi-for-coding"].variants[name];
}

Deno.test("contract 6: prompt_cache_key is opencode's session id", async () => {
  assertEquals((await params({})).prompt_cache_key, "ses_1");
  const written = await params({ sessionID: "ses_2" }, { prompt_cache_key: "mine" });
  assertEquals(written.prompt_cache_key, "ses_2");
});

Deno.test("contract 5: without a choice, thinking is enabled and no effort is sent", async () => {
  assertEquals(await paired({ agent: "build" }), { thinking: { type: "enabled" } });
});

Deno.test("contract 5: the first variant, which editors send by themselves, chooses nothing", async () => {
  const entry = JSON.parse(JSON.stringify(await configured(plugin())));
  const [first = ""] = Object.keys(entry.models["kimi-for-coding"].variants);
  const input = { agent: "build", message: { model: { variant: first } } };
  assertEquals(await paired(input, await variant(first)), { thinking: { type: "enabled" } });
  const fixed = { reasoningEffort: "high", ...await variant(first) };
  assertEquals(await paired(input, fixed), THINKING_EFFORTS.high, "the model's options count");
  assertEquals(await paired({ ...input, agent: "title" }), THINKING_EFFORTS.off);
});

const THINKING_EFFORTS: Readonly<Record<string, JsonObject>> = {
  off: { thinking: { type: "disabled" } },
  low: { thinking: { type: "enabled" }, reasoning_effort: "low" },
  medium: { thinking: { type: "enabled" }, reasoning_effort: "medium" },
  high: { thinking: { type: "enabled" }, reasoning_effort: "high" },
  max: { thinking: { type: "enabled" }, reasoning_effort: "max" },
};

for (const [name, fields] of Object.entries(THINKING_EFFORTS)) {
  Deno.test(`contract 5: the variant ${name} is sent as its pair`, async () => {
    const message = { model: { variant: name } };
    assertEquals(await paired({ message }, await variant(name)), fields, "merged and named");
    assertEquals(await paired({}, await variant(name)), fields, "merged alone");
    assertEquals(await paired({ message }), fields, "named alone");
  });

  Deno.test(`contract 5: a title has no thinking, with the variant ${name} too`, async () => {
    for (const agent of ["title", { name: "title" }]) {
      const options = await variant(name);
      assertEquals(await paired({ agent, message: { model: { variant: name } } }, options), {
        thinking: { type: "disabled" },
      });
    }
  });
}

Deno.test("contract 5: an effort in the model's options is sent as its pair", async () => {
  assertEquals(await paired({}, { reasoningEffort: "low" }), THINKING_EFFORTS.low);
  assertEquals(await paired({}, { reasoning_effort: "high" }), THINKING_EFFORTS.high);
  assertEquals(await paired({}, { reasoningEffort: "none" }), THINKING_EFFORTS.off);
  const disabled = { thinking: { type: "disabled" }, reasoningEffort: "high" };
  assertEquals(await paired({}, disabled), THINKING_EFFORTS.off);
  assertEquals(await paired({}, { thinking: { type: "enabled" } }), {
    thinking: { type: "enabled" },
  });
});

Deno.test("other members of thinking are sent only while thinking is on", async () => {
  const thinking = { type: "enabled", keep: "all" };
  const { options } = { options: { thinking, reasoningEffort: "high" } };
  assertEquals(await paired({}, options), { thinking, reasoning_effort: "high" });
  assertEquals(await paired({ agent: "title" }, options), THINKING_EFFORTS.off);
});

Deno.test("an unknown or missing variant chooses no effort", async () => {
  for (const message of [undefined, null, {}, { model: null }, { model: { variant: "turbo" } }]) {
    assertEquals(await paired({ message }), { thinking: { type: "enabled" } });
  }
});

Deno.test("contract 12: a request to another provider is not touched", async () => {
  const others: readonly JsonObject[] = [
    { model: { providerID: "anthropic" } },
    { model: { providerID: "kimi-for-coding" }, provider: { id: ID } },
    { model: {}, provider: { id: "openai" } },
    { model: undefined, provider: { info: { id: "openai" }, id: ID } },
    { model: undefined, provider: undefined },
    { model: null, provider: null },
    { model: "x", provider: "y" },
  ];
  for (const input of others) {
    const options = Object.freeze({ reasoningEffort: "high", thinking: { type: "x" } });
    const output = Object.freeze({ options });
    await plugin().hooks["chat.params"]({ sessionID: "ses_1", agent: "title", ...input }, output);
    assertStrictEquals(output.options, options);
  }
});

Deno.test("chat.params finds the provider in each shape that opencode uses", async () => {
  for (
    const input of [{ model: {}, provider: { id: ID } }, {
      model: {},
      provider: { info: { id: ID } },
    }]
  ) {
    assertEquals((await params(input)).prompt_cache_key, "ses_1");
  }
});

Deno.test("chat.params keeps the options object and its other keys", async () => {
  const options = { keep: 1, reasoningEffort: "low" };
  const output = { options };
  await plugin().hooks["chat.params"]({ sessionID: "ses_1", model: MODEL }, output);
  assertStrictEquals(output.options, options);
  assertEquals(output.options.keep, 1);
});

Deno.test("contract 5: a body is complete without the chat.params hook", async () => {
  const sdk = sdkPart((await configured(plugin())).options);
  const { thinking, prompt_cache_key } = sdk.transformRequestBody({ model: "m", messages: [] });
  assertEquals([thinking, prompt_cache_key], [{ type: "enabled" }, undefined]);
});
