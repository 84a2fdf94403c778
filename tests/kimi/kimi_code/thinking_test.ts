import { assertEquals } from "@std/assert";
import type { BodyContext } from "../../../lib/kimi/chat/body.ts";
import type { ModelAbilities } from "../../../lib/kimi/chat/efforts.ts";
import { readEnvSettings } from "../../../lib/kimi/chat/env_settings.ts";
import { thinkingField } from "../../../lib/kimi/kimi_code/thinking.ts";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import { bodyContext } from "../../support/vectors.ts";

const K3: ModelAbilities = {
  thinking: "both",
  efforts: ["low", "high", "max"],
  defaultEffort: "max",
};
const OFF = { thinking: { type: "disabled" } };

function thinking(body: JsonObject, over: Partial<BodyContext> = {}): string {
  const { thinking, ...others } = thinkingField(body, bodyContext(over), new Set());
  assertEquals(others, {});
  return JSON.stringify(thinking);
}

function on(effort?: string, keep: string | null = "all"): string {
  return JSON.stringify({
    type: "enabled",
    ...(effort === undefined ? {} : { effort }),
    ...(keep === null ? {} : { keep }),
  });
}

const DISABLED = '{"type":"disabled"}';

// Body, abilities, the field.
const ROWS: readonly (readonly [string, JsonObject, ModelAbilities, string])[] = [
  ["off", OFF, K3, DISABLED],
  ["off by its effort", { reasoning_effort: "none" }, K3, DISABLED],
  ["an effort of the model", { reasoning_effort: "low" }, K3, on("low")],
  ["an effort that the model lacks", { reasoning_effort: "medium" }, K3, on("max")],
  ["no choice", {}, K3, on("max")],
  ["no choice, and no default", {}, { efforts: ["low", "high", "max"] }, on("high")],
  ["no choice, and a default that is no effort", {}, { ...K3, defaultEffort: "xhigh" }, on("high")],
  ["an effort of a model without efforts", { reasoning_effort: "high" }, { efforts: [] }, on()],
  ["an effort of a model of which nothing is known", { reasoning_effort: "high" }, {}, on("high")],
  ["no choice for a model of which nothing is known", {}, {}, on()],
  ["off for a model that always thinks", OFF, { ...K3, thinking: "only" }, on("max")],
  ["off for one of which only that is known", OFF, { thinking: "only" }, on()],
  [
    "an effort of a model that never thinks",
    { reasoning_effort: "high" },
    { thinking: "no" },
    DISABLED,
  ],
  ["no choice for a model that never thinks", {}, { thinking: "no" }, DISABLED],
  ["the user's own effort", { thinking: { type: "enabled", effort: "low" } }, K3, on("low")],
  ["the user's own keep", { thinking: { type: "enabled", keep: "none" } }, K3, on("max", "none")],
];

for (const [name, body, abilities, expected] of ROWS) {
  Deno.test(`contract 5: thinkingField() for ${name}`, () => {
    assertEquals(thinking(body, { abilities }), expected);
  });
}

Deno.test("contract 5: thinkingField() turns thinking off for a model that opencode knows as one without", () => {
  assertEquals(thinking({}, { canThink: false }), DISABLED);
  assertEquals(thinking({ reasoning_effort: "low" }, { canThink: false }), on("low"));
});

// Variables, without a choice, with low, with off.
const VARIABLES: readonly (readonly [string, Record<string, string>, string, string])[] = [
  ["keep off", { KIMI_MODEL_THINKING_KEEP: " Off " }, on("max", null), on("low", null)],
  ["another keep", { KIMI_MODEL_THINKING_KEEP: " last " }, on("max", "last"), on("low", "last")],
  ["a blank keep", { KIMI_MODEL_THINKING_KEEP: " " }, on("max"), on("low")],
  [
    "an effort that nobody checks",
    { KIMI_MODEL_THINKING_EFFORT: " XHigh " },
    on("xhigh"),
    on("xhigh"),
  ],
  ["a blank effort", { KIMI_MODEL_THINKING_EFFORT: " " }, on("max"), on("low")],
];

for (const [name, variables, open, low] of VARIABLES) {
  Deno.test(`contract 5: thinkingField() with ${name} in the environment`, () => {
    const over = { abilities: K3, settings: readEnvSettings(variables) };
    assertEquals(thinking({}, over), open);
    assertEquals(thinking({ reasoning_effort: "low" }, over), low);
    assertEquals(thinking(OFF, over), DISABLED);
    assertEquals(thinking({}, { ...over, abilities: { thinking: "no" } }), DISABLED);
  });
}

Deno.test("thinkingField() notes each effort that it replaces, and no other", () => {
  const notes = (body: JsonObject, abilities: ModelAbilities) => {
    const found = new Set<string>();
    thinkingField({ model: "m", ...body }, bodyContext({ abilities }), found);
    return [...found];
  };
  const replaced = (effort: string) => [
    `the effort "${effort}" is replaced as kimi-code does: m lacks it`,
  ];
  assertEquals(notes({ reasoning_effort: "medium" }, K3), replaced("medium"));
  assertEquals(notes(OFF, { ...K3, thinking: "only" }), replaced("off"));
  assertEquals(notes({ reasoning_effort: "low" }, { thinking: "no" }), replaced("low"));
  for (const body of [{}, OFF, { reasoning_effort: "low" }]) assertEquals(notes(body, K3), []);
  assertEquals(notes(OFF, { thinking: "no" }), []);
});
