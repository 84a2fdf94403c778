import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  fittingEffort,
  lowestEffort,
  type ModelAbilities,
} from "../../../lib/kimi/chat/efforts.ts";
import { convert } from "../../support/vectors.ts";

const K3: ModelAbilities = { thinking: "both", efforts: ["low", "high", "max"] };
const ONLY: ModelAbilities = { thinking: "only", efforts: ["max", "high", "low"] };
const SCALE = ["minimal", "low", "medium", "high", "xhigh", "max"];

Deno.test("contract 5: fittingEffort() returns an effort that the model has, and off if it can be off", () => {
  for (const effort of ["off", "low", "high", "max"]) {
    assertEquals(fittingEffort(effort, K3), effort);
  }
});

Deno.test("contract 5: fittingEffort() returns any effort of an unknown model unchanged", () => {
  for (const effort of ["off", "medium", "turbo"]) assertEquals(fittingEffort(effort, {}), effort);
});

const NEAREST = [
  ["minimal", K3, "low"],
  ["medium", K3, "low"],
  ["xhigh", K3, "high"],
  ["max", { efforts: ["low", "medium"] }, "medium"],
  ["low", { efforts: ["high", "max"] }, "high"],
  ["off", ONLY, "low"],
  ["off", { thinking: "only", efforts: [] }, undefined],
  ["off", { thinking: "only" }, undefined],
  ["high", { efforts: [] }, undefined],
  ["high", { efforts: ["swift", "deep"] }, undefined],
  ["high", { efforts: ["deep", "low"] }, "low"],
  ["turbo", K3, undefined],
] as const;

for (const [chosen, abilities, effort] of NEAREST) {
  Deno.test(`contract 5: fittingEffort() maps ${chosen} of ${JSON.stringify(abilities)} to ${effort}`, () => {
    assertEquals(fittingEffort(chosen, abilities), effort);
  });
}

Deno.test("contract 5: fittingEffort() returns the nearest effort of the model", () => {
  const efforts = fc.subarray(SCALE, { minLength: 1 });
  fc.assert(fc.property(fc.constantFrom(...SCALE), efforts, (chosen, efforts) => {
    const found = fittingEffort(chosen, { efforts });
    assert(found !== undefined && efforts.includes(found));
    const distance = (effort: string) => Math.abs(SCALE.indexOf(effort) - SCALE.indexOf(chosen));
    for (const effort of efforts) assert(distance(effort) >= distance(found));
  }));
});

Deno.test("lowestEffort() does not depend on the service's order", () => {
  assertEquals([lowestEffort(ONLY), lowestEffort({ efforts: [] }), lowestEffort({})], [
    "low",
    undefined,
    undefined,
  ]);
});

/** The last keys of a body of such a model, and its notes. */
function made(fields: Record<string, unknown>, abilities: ModelAbilities) {
  const { body, notes } = convert({ model: "k3", messages: [], ...fields }, { abilities });
  const { thinking, reasoning_effort } = body;
  return { tail: JSON.stringify({ reasoning_effort, thinking }), notes };
}

Deno.test("contract 5: a replaced effort is sent, and noted in one line", () => {
  const { tail, notes } = made({ reasoning_effort: "medium" }, K3);
  assertEquals(tail, '{"reasoning_effort":"low","thinking":{"type":"enabled"}}');
  assertEquals(notes, ['the effort "medium" was replaced by "low": k3 does not have it']);
  const always = made({ thinking: { type: "disabled" } }, ONLY);
  assertEquals(always.tail, '{"reasoning_effort":"low","thinking":{"type":"enabled"}}');
  assertEquals(always.notes, ['the effort "off" was replaced by "low": k3 always thinks']);
  const none = made({ reasoning_effort: "high" }, { efforts: [] });
  assertEquals(none.tail, '{"thinking":{"type":"enabled"}}');
  assertEquals(none.notes, ['the effort "high" was left out: k3 does not have it']);
});

Deno.test("contract 5: a model that never thinks gets no effort fields, whatever was chosen", () => {
  for (const fields of [{}, { reasoning_effort: "off" }, { thinking: { type: "disabled" } }]) {
    assertEquals(made(fields, { thinking: "no" }), { tail: "{}", notes: [] });
  }
  const { tail, notes } = made({ reasoning_effort: "high" }, { thinking: "no" });
  assertEquals([tail, notes], ["{}", ['the effort "high" was left out: k3 does not think']]);
});

Deno.test("contract 5: without a chosen effort nothing is replaced or noted", () => {
  for (const abilities of [K3, ONLY, {}, { efforts: [] }]) {
    assertEquals(made({}, abilities), { tail: '{"thinking":{"type":"enabled"}}', notes: [] });
  }
});
