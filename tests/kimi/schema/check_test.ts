import { assertEquals } from "@std/assert";
import { findSchemaFault } from "../../../lib/kimi/schema/check.ts";
import { verdicts } from "./verdicts.ts";

for (const { name, verdict, schema } of verdicts) {
  Deno.test(`findSchemaFault() agrees with the service's checker on ${name}`, () => {
    assertEquals(findSchemaFault(schema) === undefined, verdict === "taken");
  });
}

/** Schemas within each other, each a member of the one around it. */
function nested(levels: number): Record<string, unknown> {
  return levels === 0
    ? { type: "string" }
    : { type: "object", properties: { a: nested(levels - 1) } };
}

function members(count: number): Record<string, unknown> {
  const names = Array.from({ length: count }, (_, index) => [`m${index}`, { type: "null" }]);
  return { type: "object", properties: Object.fromEntries(names) };
}

function withMember(v: unknown): Record<string, unknown> {
  return { type: "object", properties: { v } };
}

function text(length: number, character: string): Record<string, unknown> {
  return withMember({ type: "string", description: character.repeat(length) });
}

function enumOf(count: number): Record<string, unknown> {
  return withMember({ type: "integer", enum: Array.from({ length: count }, (_, index) => index) });
}

function branches(count: number): Record<string, unknown> {
  return withMember({ anyOf: Array.from({ length: count }, () => ({ type: "string" })) });
}

const LIMITS: readonly (readonly [string, unknown, unknown])[] = [
  ["30 levels of members", nested(30), nested(31)],
  ["3,000 members", members(3_000), members(3_001)],
  ["1,000 values of an enum", enumOf(1_000), enumOf(1_001)],
  ["500 branches of anyOf", branches(500), branches(501)],
  ["120,000 bytes", text(119_921, "x"), text(120_000, "x")],
  ["120,000 bytes, six for each <", text(19_986, "<"), text(20_000, "<")],
  ["120,000 bytes, six for each line separator", text(19_986, "\u2028"), text(20_000, "\u2028")],
];

for (const [name, most, more] of LIMITS) {
  Deno.test(`findSchemaFault() takes ${name}, and no more`, () => {
    assertEquals(findSchemaFault(most as Record<string, unknown>), undefined);
    assertEquals(findSchemaFault(more as Record<string, unknown>) === undefined, false);
  });
}

Deno.test("findSchemaFault() names the place of the fault", () => {
  const schema = withMember({ type: "array", items: { type: "int" } });
  assertEquals(findSchemaFault(schema)?.path, ["properties", "v", "items"]);
});
