/** Tool parameters that kimi-code's schema function rewrites. */

import { fromFileUrl } from "@std/path";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import { schemaCases } from "../modules/schemas.ts";

/** Schemas with the verdicts of the service's own published checker. */
const VERDICTS = new URL("../../../tests/data/schema-checker/verdicts.json", import.meta.url);

const ITEM = { properties: { a: {} } };

/** Properties beside these definitions: `Item`, and `Loop`, which contains itself. */
const DEFINITIONS = {
  Item: ITEM,
  Text: { type: "string", description: "its own", default: "x" },
  Loop: { type: "object", properties: { next: { $ref: "#/$defs/Loop" }, v: {} } },
  Ring: { properties: { back: { $ref: "#/$defs/Around" } } },
  Around: { items: { $ref: "#/$defs/Ring" } },
  "a/b~c": { enum: [1] },
};

/** Property schemas with references. */
const REFERENCES: readonly JsonObject[] = [
  { $ref: "#/$defs/Item" },
  { $ref: "#/$defs/Text", description: "from beside it" },
  { $ref: "#/$defs/Text", type: "integer", minimum: 1 },
  { $ref: "#/$defs/Loop" },
  { $ref: "#/$defs/Loop", description: "from beside it" },
  { $ref: "#/$defs/Ring" },
  { $ref: "#/$defs/a~1b~0c" },
  { $ref: "#/$defs/Missing" },
  { $ref: "#/properties/value" },
  { $ref: "#" },
  { $ref: "" },
  { $ref: "other.json" },
  { $ref: "https://example.org/schema" },
  { $ref: 1 },
  { items: { $ref: "#/$defs/Item" } },
  { anyOf: [{ $ref: "#/$defs/Item" }, { $ref: "#/$defs/Text" }, { type: "null" }] },
  { allOf: [{ $ref: "#/$defs/Item" }], properties: { b: {} } },
];

/** Types that an enum, a constant or the structure contradicts. */
const CONTRADICTIONS: readonly JsonObject[] = [
  { type: "string", enum: [1, 2] },
  { type: "integer", enum: ["a"] },
  { type: "object", enum: ["a", "b"], properties: { x: {} }, required: ["x"] },
  { type: "array", const: "a", items: {}, minItems: 1 },
  { type: "string", const: { a: 1 } },
  { type: "number", enum: [1, 2] },
  { type: "integer", enum: [1.5] },
  { type: ["string", "null"], enum: ["a", null] },
  { type: ["string", "null"], enum: [1] },
  { type: "string", enum: ["a", 1] },
  { type: "string", enum: [] },
  { type: "boolean", const: true },
  { type: "null", const: null },
  { type: "string", properties: { x: {} } },
  { type: "object", minLength: 1 },
];

/** Places that hold a schema, or several. */
const SLOTS = [
  ...["additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if"],
  ...["items", "not", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"],
];
const LISTS = ["allOf", "anyOf", "items", "oneOf", "prefixItems"];
const MAPS = [
  ...["$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties"],
  "properties",
];

/** All parameters, each once. */
export function codeSchemas(): readonly JsonObject[] {
  const verdicts: readonly { readonly schema: unknown }[] = JSON.parse(
    Deno.readTextFileSync(fromFileUrl(VERDICTS)),
  );
  const values = [
    ...CONTRADICTIONS,
    ...SLOTS.flatMap((slot) => [{ [slot]: {} }, { type: "object", [slot]: { enum: [1] } }]),
    ...LISTS.flatMap((slot) => [{ [slot]: [{}, { const: "a" }] }, { [slot]: [] }]),
    ...MAPS.flatMap((slot) => [{ [slot]: { x: {} } }, { type: "string", [slot]: { x: {} } }]),
  ];
  const all = [
    ...schemaCases(),
    ...verdicts.map(({ schema }) => schema).filter(isObject),
    ...values.map((value) => ({ type: "object", properties: { value } })),
    ...REFERENCES.map((value) => withReference(value, "$defs")),
    ...REFERENCES.map((value) => withReference(value, "definitions")),
    ...values,
  ];
  const texts = new Set(all.map((schema) => JSON.stringify(schema)));
  return [...texts].map((text) => JSON.parse(text));
}

function withReference(value: JsonObject, place: string): JsonObject {
  const text = JSON.stringify({ type: "object", properties: { value }, [place]: DEFINITIONS });
  return JSON.parse(text.replaceAll("#/$defs/", `#/${place}/`));
}
