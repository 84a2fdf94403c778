/** Generated tool parameters: common ones, and some that only a hostile tool has. */

import { type Random, seeded } from "./random.ts";

/** A JSON Schema, valid or not. */
export type Schema = Readonly<Record<string, unknown>>;

const SEED = 20260401;

/** Property schemas without a `type`, or with one that must stay. */
const PROPERTIES: readonly (Schema | boolean)[] = [
  {},
  true,
  false,
  { description: "any value" },
  { type: "string" },
  { type: ["integer", "null"], minimum: 0 },
  { enum: ["a", "b"] },
  { enum: [1, 2] },
  { enum: [1, 2.5] },
  { enum: [0.5] },
  { enum: [true, false] },
  { enum: [true, 1] },
  { enum: ["a", null] },
  { enum: [null] },
  { enum: [["a"], ["b"]] },
  { enum: [{ a: 1 }] },
  { enum: [] },
  { enum: [], minimum: 1 },
  { const: "fixed" },
  { const: null },
  { const: -3 },
  { const: false, enum: [] },
  { default: 5 },
  { examples: [1] },
  { format: "uri" },
  { pattern: "^a$", minimum: 1 },
  { minLength: 1, maximum: 9 },
  { multipleOf: 5 },
  { exclusiveMinimum: 0 },
  { items: { enum: [1] } },
  { items: true, required: ["a"] },
  { prefixItems: [{}] },
  { uniqueItems: true },
  { minItems: 1, minLength: 1 },
  { maxItems: 2 },
  { contains: {} },
  { propertyNames: {}, items: {} },
  { minProperties: 1 },
  { maxProperties: 1 },
  { maxLength: 3, maximum: 9 },
  { minimum: 1 },
  { maximum: 9 },
  { exclusiveMaximum: 1 },
  { properties: { deep: { properties: { deeper: {} } } } },
  { additionalProperties: {} },
  { additionalProperties: false },
  { additionalProperties: { additionalProperties: { enum: [2] } } },
  { patternProperties: { "^x": {} } },
  { required: ["a"], description: "an object" },
  { anyOf: [{}, { const: 1 }, { type: "null" }] },
  { oneOf: [{ properties: { a: {} } }, { enum: ["x"] }] },
  { allOf: [{ anyOf: [{}] }], description: "nested" },
  { not: {} },
  { if: {}, then: {}, else: {} },
  { $ref: "#/$defs/Item" },
  { $ref: "#/$defs/Item", properties: { a: {} } },
  { title: "größe \u2028 𝒻", description: 'a "quote"' },
];

/** Invalid by the meta-schema: kimi-cli completes them, but does not send them. */
const INVALID: readonly unknown[] = [
  null,
  "string",
  [],
  { type: null },
  { enum: "a" },
  { items: [{}, { const: 1 }] },
  { anyOf: { a: {} } },
];

/** Parameters with more than one property. */
const PARAMETERS: readonly Schema[] = [
  {},
  { type: "object" },
  { type: "object", properties: {} },
  { properties: { a: {} }, required: ["a"] },
  { type: "object", properties: [], required: [] },
  { type: "object", properties: { type: {}, $ref: {}, enum: {}, properties: {} } },
  JSON.parse('{"type":"object","properties":{"__proto__":{"description":"own"},"b":{}}}'),
  { type: "object", properties: { constructor: {}, toString: { enum: [1] }, "": {} } },
  { type: "object", $defs: { Item: { properties: { a: {} } } }, definitions: { Old: {} } },
  { type: "object", properties: { loop: { $ref: "#" } }, additionalProperties: {} },
  { anyOf: [{ properties: { a: {} } }, {}], oneOf: [{}], allOf: [{}] },
  { items: [{}, {}], additionalProperties: { items: {} } },
  { type: "object", properties: { a: { type: "object", properties: { b: { items: {} } } } } },
  { type: "object", properties: nested(40) },
  {
    properties: {
      huge: { enum: [1e20, -1e20] },
      float: { const: 1e21 },
      both: { enum: [1, 1e21] },
    },
  },
];

function nested(depth: number): Schema {
  return depth === 0 ? {} : { level: { properties: nested(depth - 1) } };
}

export function schemaCases(): readonly Schema[] {
  const random = seeded(SEED);
  return [
    ...PARAMETERS,
    ...[...PROPERTIES, ...INVALID].map((value) => ({ type: "object", properties: { value } })),
    ...Array.from({ length: 40 }, () => ({ type: "object", properties: members(random, 3) })),
  ];
}

/** Makes parameters that are valid by the meta-schema: kimi-cli sends no others. */
export function toolParameters(random: Random): Record<string, unknown> {
  const names = ["path", "command", "edits", "mode", "größe", "type"];
  const chosen = names.filter(() => random.chance(50));
  const properties = Object.fromEntries(chosen.map((name) => [name, random.pick(PROPERTIES)]));
  return {
    type: "object",
    properties,
    ...(random.chance(50) ? { required: chosen.slice(0, 2) } : {}),
    ...(random.chance(30) ? { additionalProperties: random.chance(50) ? {} : false } : {}),
    ...(random.chance(30) ? { $defs: { Item: { properties: { a: {} } } } } : {}),
  };
}

function members(random: Random, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    random.list(1, 3, (index) => [`p${index}`, property(random, depth)]),
  );
}

function property(random: Random, depth: number): unknown {
  if (depth === 0 || random.chance(40)) return random.pick(PROPERTIES);
  const inner = () => property(random, depth - 1);
  const shapes: readonly (() => Schema)[] = [
    () => ({ properties: members(random, depth - 1) }),
    () => ({ items: inner(), description: random.text(1) }),
    () => ({ additionalProperties: inner() }),
    () => ({ [random.pick(["anyOf", "oneOf", "allOf"])]: random.list(1, 2, inner) }),
    () => ({ not: inner(), patternProperties: { x: inner() } }),
    () => ({ items: random.list(1, 2, inner) }),
  ];
  return random.pick(shapes)();
}
