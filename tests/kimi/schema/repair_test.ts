import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { findSchemaFault } from "../../../lib/kimi/schema/check.ts";
import { repairSchema } from "../../../lib/kimi/schema/repair.ts";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import { verdicts } from "./verdicts.ts";

function repaired(schema: JsonObject): JsonObject {
  const result = repairSchema(schema);
  assert("schema" in result, JSON.stringify(schema));
  return result.schema;
}

/** A member of the root, repaired. */
function member(v: unknown, others: JsonObject = {}): unknown {
  const { properties } = repaired({ type: "object", properties: { v }, ...others });
  return (properties as JsonObject).v;
}

for (const { name, verdict, schema } of verdicts) {
  if (verdict === "taken") {
    Deno.test(`repairSchema() leaves ${name} as it is`, () => {
      assert(repaired(schema) === schema);
    });
  } else {
    Deno.test(`repairSchema() makes ${name} fit for the service`, () => {
      assertEquals(findSchemaFault(repaired(schema)), undefined);
    });
  }
}

const STRING = { type: "string" };
const POS = { type: "object", properties: { lat: { type: "number" } }, required: ["lat"] };

const CASES: readonly (readonly [string, unknown, unknown])[] = [
  ["true is any value", true, {}],
  ["a type of another language", { type: "int" }, { type: "integer" }],
  ["a type in upper case", { type: "STRING" }, STRING],
  ["an unknown type is left out", { type: "any" }, {}],
  ["a type in place of a type", { type: { type: "string" } }, STRING],
  [
    "values and null get both types",
    { type: "string", enum: ["kg", null] },
    { type: ["null", "string"], enum: ["kg", null] },
  ],
  [
    "values of three types get a branch each",
    { enum: [false, 0, "off"] },
    {
      anyOf: [
        { type: "boolean", enum: [false] },
        { type: "integer", enum: [0] },
        { type: "string", enum: ["off"] },
      ],
    },
  ],
  ["an empty enum is left out", { type: "string", enum: [] }, STRING],
  [
    "the type beside anyOf goes into its branches",
    { type: "string", anyOf: [{ enum: ["a"] }, { pattern: "^b" }] },
    { anyOf: [{ enum: ["a"], type: "string" }, { pattern: "^b", type: "string" }] },
  ],
  [
    "an anyOf beside the same keywords goes below allOf",
    { ...POS, anyOf: [{ required: ["lat"] }] },
    { ...POS, allOf: [{ anyOf: [{ required: ["lat"] }] }] },
  ],
  [
    "a list of items keeps its order",
    { type: "array", items: [STRING, { type: "integer" }] },
    {
      type: "array",
      prefixItems: [STRING, { type: "integer" }],
      items: { anyOf: [STRING, { type: "integer" }] },
    },
  ],
  ["items that are false", { type: "array", items: false }, { type: "array", maxItems: 0 }],
  [
    "a member that is called $ref",
    { type: "object", properties: { $ref: STRING, a: STRING }, required: ["$ref"] },
    {
      type: "object",
      properties: { a: STRING },
      required: [],
      patternProperties: { "^\\$ref$": STRING },
      allOf: [{ required: ["$ref"] }],
    },
  ],
  ["a reference to nothing", { $ref: "https://schemas.example/pos.json" }, {}],
];

for (const [name, given, wanted] of CASES) {
  Deno.test(`repairSchema(): ${name}`, () => assertEquals(member(given), wanted));
}

Deno.test("repairSchema() moves definitions to where the service looks for them", () => {
  const schema = {
    type: "object",
    properties: { v: { $ref: "#/definitions/Pos" }, w: { $ref: "#/definitions/Pos" } },
    definitions: { Pos: POS },
  };
  assertEquals(repaired(schema), {
    type: "object",
    properties: { v: { $ref: "#/$defs/Pos" }, w: { $ref: "#/$defs/Pos" } },
    $defs: { Pos: POS },
  });
});

Deno.test("repairSchema() keeps a recursive definition recursive", () => {
  const node = { type: "object", properties: { next: { $ref: "#/definitions/Node" } } };
  assertEquals(repaired({ type: "object", properties: { v: node }, definitions: { Node: node } }), {
    type: "object",
    properties: { v: { type: "object", properties: { next: { $ref: "#/$defs/Node" } } } },
    $defs: { Node: { type: "object", properties: { next: { $ref: "#/$defs/Node" } } } },
  });
});

Deno.test("repairSchema() drops the type that opencode writes beside a root's reference", () => {
  const $defs = { A: { type: "object", properties: { a: STRING } } };
  assertEquals(repaired({ $ref: "#/$defs/A", type: "object", $defs }), {
    type: "object",
    properties: { a: STRING },
    $defs,
  });
});

Deno.test("repairSchema() names the fault of a schema that is too long", () => {
  const result = repairSchema({ type: "object", description: "x".repeat(120_000) });
  assert("fault" in result);
  assertEquals(result.fault.reason, "it is longer than 120000 bytes");
});

const TYPE = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("string", "number", "integer", "object", "array") },
  fc.constantFrom<unknown>("int", "null", [], ["integer", "null"], null, { type: "string" }),
);
const NAME = fc.constantFrom("a", "b", "$ref", "x/y", "{id}", "type");
const VALUES = fc.array(fc.constantFrom<unknown>("kg", 1, 2.5, null, true, [1]), { maxLength: 3 });
const REF = fc.constantFrom(
  "#",
  "#/$defs/A",
  "#/definitions/A",
  "A",
  "#/$defs/x~1y",
  "https://x/y",
);

const { schema: SCHEMA } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(true, false, null, {}, STRING),
    fc.record({
      type: TYPE,
      properties: fc.dictionary(NAME, tie("schema"), { maxKeys: 3 }),
      required: fc.array(NAME, { maxLength: 2 }),
      items: fc.oneof(tie("schema"), fc.array(tie("schema"), { maxLength: 2 })),
      anyOf: fc.array(tie("schema"), { maxLength: 3 }),
      allOf: fc.array(tie("schema"), { maxLength: 2 }),
      not: tie("schema"),
      additionalProperties: tie("schema"),
      enum: VALUES,
      $ref: REF,
      description: fc.constantFrom<unknown>("d", null),
      $defs: fc.dictionary(NAME, tie("schema"), { maxKeys: 2 }),
      definitions: fc.dictionary(NAME, tie("schema"), { maxKeys: 2 }),
    }, { requiredKeys: [] }),
  ),
}));

const ROOT = SCHEMA.filter((value): value is JsonObject =>
  typeof value === "object" && value !== null
);

Deno.test("repairSchema() makes any schema fit, always the same, and leaves its input alone", () => {
  fc.assert(
    fc.property(ROOT, (schema) => {
      const before = JSON.stringify(schema);
      const first = repaired(schema);
      assertEquals(findSchemaFault(first), undefined);
      assertEquals(JSON.stringify(repaired(JSON.parse(before))), JSON.stringify(first));
      assert(repaired(first) === first, "a repaired schema is repaired again");
      assertEquals(JSON.stringify(schema), before);
    }),
    { numRuns: 2_000 },
  );
});
