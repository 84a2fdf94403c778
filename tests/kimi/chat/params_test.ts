import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { chosenEffort, effortFields, THINKING_EFFORTS } from "../../../lib/kimi/chat/params.ts";
import { convert, deepFreeze, jsonWith, sent } from "../../support/vectors.ts";

const ENABLED = { type: "enabled" } as const;
const DISABLED = { type: "disabled" } as const;

/** The last keys of a body for these fields. */
function fieldsOf(fields: Record<string, unknown>, canThink = true): unknown {
  const { thinking, reasoning_effort } = convert({ messages: [], ...fields }, { canThink }).body;
  return { thinking, reasoning_effort };
}

Deno.test("contract 5: effortFields() sends thinking alone without a choice, and both fields for an effort", () => {
  assertEquals(effortFields(undefined), { thinking: ENABLED });
  assertEquals(effortFields("off"), { thinking: DISABLED });
  for (const effort of ["low", "medium", "high", "max"]) {
    assertEquals(effortFields(effort), { thinking: ENABLED, reasoning_effort: effort });
  }
  assertEquals(THINKING_EFFORTS, ["off", "low", "medium", "high", "max"]);
});

Deno.test("contract 5: chosenEffort() reads either field, and every name for off", () => {
  assertEquals(chosenEffort({}), undefined);
  assertEquals(chosenEffort({ thinking: ENABLED }), undefined);
  assertEquals(chosenEffort({ thinking: ENABLED, reasoning_effort: "low" }), "low");
  for (const reasoning_effort of ["off", "none", "disabled"]) {
    assertEquals(chosenEffort({ reasoning_effort }), "off");
  }
  assertEquals(chosenEffort({ thinking: DISABLED, reasoning_effort: "high" }), "off");
  for (const reasoning_effort of ["", null, 3, {}, ["low"]]) {
    assertEquals(chosenEffort({ reasoning_effort, thinking: reasoning_effort }), undefined);
  }
});

Deno.test("contract 5: further members of thinking follow its type, and are not sent if it is off", () => {
  const { thinking } = effortFields(undefined, { keep: "all", type: "disabled" });
  assertEquals(JSON.stringify(thinking), '{"type":"enabled","keep":"all"}');
  assertEquals(effortFields("off", { keep: "all" }), { thinking: DISABLED });
});

Deno.test("contract 5: a body has both fields or thinking alone, whatever opencode sent", () => {
  assertEquals(fieldsOf({}), { thinking: ENABLED, reasoning_effort: undefined });
  assertEquals(fieldsOf({ reasoning_effort: "high" }), {
    thinking: ENABLED,
    reasoning_effort: "high",
  });
  assertEquals(fieldsOf({ thinking: DISABLED, reasoning_effort: "high" }), {
    thinking: DISABLED,
    reasoning_effort: undefined,
  });
  assertEquals(fieldsOf({ reasoning_effort: "none" }), {
    thinking: DISABLED,
    reasoning_effort: undefined,
  });
});

Deno.test("contract 5: a model that cannot think gets no effort fields unless the user chose", () => {
  assertEquals(fieldsOf({}, false), { thinking: undefined, reasoning_effort: undefined });
  assertEquals(fieldsOf({ thinking: DISABLED }, false), {
    thinking: DISABLED,
    reasoning_effort: undefined,
  });
  assertEquals(fieldsOf({ reasoning_effort: "low" }, false), {
    thinking: ENABLED,
    reasoning_effort: "low",
  });
});

Deno.test("contract 5: keep follows type, the user's overrides the variable's, and off sends none", () => {
  const settings = { problems: [], thinkingKeep: "all" };
  const tail = (fields: Record<string, unknown>) =>
    sent({ messages: [], ...fields }, { settings }).match(/"thinking":(.*)}$/)?.[1];
  assertEquals(tail({}), '{"type":"enabled","keep":"all"}');
  assertEquals(tail({ thinking: { keep: "mine" } }), '{"type":"enabled","keep":"mine"}');
  assertEquals(tail({ thinking: { keep: "mine", type: "disabled" } }), '{"type":"disabled"}');
});

Deno.test("contract 5: arbitrary fields never send an effort without thinking", () => {
  const values = jsonWith(["enabled", "disabled", "none", "off", "low", "type", "keep"]);
  fc.assert(fc.property(values, values, fc.boolean(), (thinking, reasoning_effort, canThink) => {
    const body = deepFreeze({ messages: [], thinking, reasoning_effort });
    const made = convert(body, { canThink }).body;
    const type = Object(made.thinking).type;
    const pair = [type, typeof made.reasoning_effort].join();
    const pairs = ["enabled,string", "enabled,undefined", "disabled,undefined", ",undefined"];
    assertEquals(pairs.includes(pair), true, pair);
  }));
});
