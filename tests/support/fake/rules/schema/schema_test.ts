import { assert, assertEquals } from "@std/assert";
import { list, object, objects } from "../body.ts";
import { findSchemaFault } from "../schema.ts";

const VERDICTS = new URL("../../../../data/schema-checker/verdicts.json", import.meta.url);
const TEXT = { type: "string" };

function isTaken(schema: unknown): boolean {
  return findSchemaFault(schema) === undefined;
}

/** Whether a schema is taken as the property `v` of an object. */
function isTakenAsProperty(v: unknown, rest: object = {}): boolean {
  return isTaken({ type: "object", properties: { v }, ...rest });
}

/** A schema below as many `properties`. */
function nested(levels: number, inmost: object = TEXT): object {
  let schema = inmost;
  for (let level = 0; level < levels; level++) {
    schema = { type: "object", properties: { a: schema } };
  }
  return schema;
}

for (const entry of objects(JSON.parse(Deno.readTextFileSync(VERDICTS)))) {
  const { name, verdict, schema } = entry;
  Deno.test(`the checker of the service has ${verdict} the schema ${name}`, () => {
    assertEquals(isTaken(schema) ? "taken" : "refused", verdict);
  });
}

Deno.test("parameters that are not an object are refused", () => {
  for (const parameters of [null, true, "object", []]) {
    assertEquals(findSchemaFault(parameters), {
      path: "root",
      reason: "the parameters are not a schema",
    });
  }
  assert(isTaken({}));
});

Deno.test("a schema fault names its place", () => {
  const item = { anyOf: [TEXT, { type: "date" }] };
  const schema = { type: "object", properties: { a: { type: "array", items: item } } };
  assertEquals(findSchemaFault(schema), {
    path: "properties.a.items.anyOf.1",
    reason: "type: unknown type",
  });
});

Deno.test("a schema may hold 120,000 bytes, six for each character that may end a script", () => {
  const sized = (description: string) => ({ type: "object", description });
  const room = 120_000 - JSON.stringify(sized("")).length;
  assert(isTaken(sized("x".repeat(room))));
  assert(!isTaken(sized("x".repeat(room + 1))));
  for (const character of ["<", ">", "&", "\u2028", "\u2029"]) {
    assert(isTaken(sized(character.repeat(Math.floor(room / 6)))));
    assert(!isTaken(sized(character.repeat(Math.floor(room / 6) + 1))));
  }
  assert(!isTaken(sized("é".repeat(room / 2 + 1))));
});

Deno.test("a schema may hold 3,000 properties, 1,000 values of enum and 500 branches", () => {
  const members = (count: number) => Array.from({ length: count }, (_, index) => `m${index}`);
  const many = (count: number) => Object.fromEntries(members(count).map((name) => [name, TEXT]));
  assert(isTaken({ type: "object", properties: many(3000) }));
  assert(!isTaken({ type: "object", properties: many(3001) }));
  assert(!isTaken({ properties: many(1500), $defs: { A: { properties: many(1501) } } }));
  assert(isTakenAsProperty({ ...TEXT, enum: members(1000) }));
  assert(!isTakenAsProperty({ ...TEXT, enum: members(1001) }));
  assert(isTakenAsProperty({ anyOf: members(500).map(() => TEXT) }));
  assert(!isTakenAsProperty({ anyOf: members(501).map(() => TEXT) }));
});

Deno.test("properties may lie in each other 30 times, definitions counted where they are used", () => {
  assert(isTaken(nested(30)));
  assert(!isTaken(nested(31)));
  const using = (levels: number) => ({
    ...nested(levels, { $ref: "#/$defs/A" }),
    $defs: { A: { type: "array", items: TEXT } },
  });
  assert(isTaken(using(30)));
  const deep = (levels: number) => ({
    ...nested(levels, { $ref: "#/$defs/B" }),
    $defs: { B: nested(20) },
  });
  assert(isTaken(deep(10)));
  assert(!isTaken(deep(11)));
});

Deno.test("values of enum are looked up in the types by turns", () => {
  assert(isTakenAsProperty({ type: ["string", "null"], enum: ["kg", null] }));
  assert(isTakenAsProperty({ type: ["null", "integer"], enum: [1, null] }));
  assert(!isTakenAsProperty({ type: ["integer", "null"], enum: [1, null] }));
  assert(!isTakenAsProperty({ type: ["string", "integer"], enum: ["a", 1] }));
  assert(!isTakenAsProperty({ type: ["string", "integer", "null"], enum: ["a"] }));
  assert(!isTakenAsProperty({ type: ["null", "null"], enum: [null] }));
  assert(!isTakenAsProperty({ type: ["object", "null"], enum: [null] }));
  assert(isTakenAsProperty({ type: ["object"], enum: [{}] }));
  assert(isTakenAsProperty({ type: "array", enum: [[1]] }));
});

Deno.test("a keyword beside anyOf is refused if a branch has it, title and description apart", () => {
  const anyOf = [{ ...TEXT, default: "a", description: "of a branch" }];
  assert(isTakenAsProperty({ anyOf, description: "d", title: "t" }));
  assert(isTakenAsProperty({ anyOf, minLength: 1 }));
  assert(!isTakenAsProperty({ anyOf, default: "b" }));
  assert(isTakenAsProperty({ anyOf: [{ anyOf }], description: "d" }));
});

Deno.test("a keyword beside $ref is refused if its definition has it, at any distance", () => {
  const $defs = { A: { $ref: "#/$defs/B", title: "t" }, B: { ...TEXT, default: "a" } };
  const v = { $ref: "#/$defs/A", description: "d", title: "u" };
  assert(isTakenAsProperty(v, { $defs }));
  assert(isTakenAsProperty({ ...v, minLength: 1 }, { $defs }));
  assert(!isTakenAsProperty({ ...v, default: "b" }, { $defs }));
  const union = { A: { anyOf: [{ ...TEXT, default: "a" }] } };
  assert(!isTakenAsProperty({ ...v, default: "b" }, { $defs: union }));
  assert(!isTakenAsProperty({ ...v, anyOf: [TEXT] }, { $defs }));
});

Deno.test("a reference is taken as a property, items, a branch or a map's value alone", () => {
  const $defs = { A: TEXT };
  const v = { $ref: "#/$defs/A" };
  assert(isTakenAsProperty({ type: "array", items: v }, { $defs }));
  assert(isTakenAsProperty({ anyOf: [v] }, { $defs }));
  assert(isTakenAsProperty({ type: "object", additionalProperties: v }, { $defs }));
  assert(isTakenAsProperty({ allOf: [v] }, { $defs }));
  assert(isTaken({ type: "object", not: v, $defs }));
  assert(!isTakenAsProperty({ type: "object", not: v }, { $defs }));
  assert(!isTakenAsProperty({ type: "object", patternProperties: { "^a": v } }, { $defs }));
  assert(!isTakenAsProperty({ type: "object", default: { $ref: "#/$defs/B" } }, { $defs }));
  assert(!isTakenAsProperty({ $ref: "#/$defs/constructor" }, { $defs }));
});

Deno.test("a reference whose values never end is refused, unless the root comes to an end", () => {
  const $defs = {
    A: { type: "object", properties: { a: { $ref: "#/$defs/A" } }, required: ["a"] },
  };
  const properties = { v: { $ref: "#/$defs/A" } };
  assert(isTaken({ type: "object", properties, $defs }));
  assert(!isTaken({ type: "object", properties, required: ["v"], $defs }));
  assert(!isTaken({ properties, $defs }));
  assert(isTaken({ properties, required: [], $defs }));
  assert(isTaken({ properties: { v: { additionalProperties: properties.v } }, $defs }));
  const target = (A: object) => isTaken({ properties, $defs: { A } });
  assert(!target({ description: "untyped" }));
  assert(!target({ $ref: "#/$defs/A" }));
  for (const A of [{}, TEXT, { type: "array" }, { type: "object" }, { anyOf: [TEXT] }]) {
    assert(target(A), JSON.stringify(A));
  }
});

Deno.test("names with slashes in definitions, and with braces above a look-up, are refused", () => {
  assert(!isTaken({ type: "object", $defs: { A: { type: "object", "x/y": 1 } } }));
  assert(!isTaken({ type: "object", $defs: { A: { allOf: [{ "x/y": 1 }] } } }));
  assert(isTakenAsProperty({ type: "object", properties: { "x/y": TEXT } }));
  const braced = (schema: object) => isTaken({ type: "object", properties: { "{id}": schema } });
  assert(braced(TEXT));
  assert(!braced({ ...TEXT, enum: ["a"] }));
  assert(!braced({ anyOf: [TEXT] }));
  assert(!braced({ type: "object", properties: { a: TEXT }, required: ["a"] }));
  assert(braced({ type: "object", properties: { a: TEXT }, required: [] }));
  assert(!isTaken({ properties: { "{id}": { $ref: "#/$defs/A" } }, $defs: { A: TEXT } }));
});

Deno.test("the verdicts are the 123 of the service's checker", () => {
  const verdicts = list(JSON.parse(Deno.readTextFileSync(VERDICTS)));
  const taken = verdicts.filter((entry) => object(entry).verdict === "taken");
  assertEquals([verdicts.length, taken.length], [123, 79]);
});
