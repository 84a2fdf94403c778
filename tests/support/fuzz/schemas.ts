/** Parameters of tools as MCP servers write them, rightly and wrongly. */

import fc from "fast-check";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import { mostly, text, value } from "./values.ts";

const STRING = { type: "string" };

const NAMES = ["a", "b", "$ref", "x/y", "{id}", "type", "~0", "%20", "", "a.b", "__proto__"];
const name = fc.oneof(fc.constantFrom(...NAMES), text);

const TYPES = ["string", "number", "integer", "boolean", "null", "object", "array"];
const type = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<unknown>(...TYPES) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...TYPES), { maxLength: 3 }) },
  fc.constantFrom<unknown>("int", "any", "STRING", [], ["int", null], null, STRING, undefined),
);

const REFS = ["#", "#/$defs/a", "#/definitions/a", "#/properties/a", "a", "#/$defs/x~1y"];
const ref = fc.constantFrom(...REFS, "#/$defs/", "#/$defs/a/b", "#a", "https://schemas.example/y");

const members = (schema: fc.Arbitrary<unknown>) => fc.dictionary(name, schema, { maxKeys: 2 });
const list = (schema: fc.Arbitrary<unknown>) => fc.array(schema, { maxLength: 2 });

const { schema: anySchema } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom<unknown>(true, false, {}, STRING, { type: "integer" }),
    { weight: 6, arbitrary: someOf(keywords(tie("schema"))) },
    value,
  ),
}));

/** Up to five of the keywords, so that a schema stays small. */
function someOf(all: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<unknown> {
  const often = ["type", "properties", "required", "anyOf", "$ref", "items", "enum"];
  const keys = fc.array(fc.oneof(fc.constantFrom(...often), fc.constantFrom(...Object.keys(all))), {
    maxLength: 5,
  });
  return keys.chain((chosen) =>
    fc.record(Object.fromEntries(chosen.map((key) => [key, all[key]!])))
  );
}

function keywords(schema: fc.Arbitrary<unknown>): Record<string, fc.Arbitrary<unknown>> {
  const [map, many, words] = [mostly(members(schema), 20), mostly(list(schema), 20), mostly(text)];
  return {
    type: mostly(type, 20),
    properties: map,
    required: mostly(list(name), 20),
    items: fc.oneof(schema, list(schema)),
    prefixItems: many,
    additionalProperties: schema,
    patternProperties: map,
    anyOf: many,
    oneOf: many,
    allOf: many,
    not: schema,
    if: schema,
    enum: mostly(fc.array(value, { maxLength: 3 })),
    const: value,
    default: value,
    $ref: mostly(ref, 20),
    $defs: map,
    definitions: map,
    $id: words,
    $anchor: words,
    title: words,
    description: words,
    pattern: words,
    format: words,
    minLength: value,
    dependentRequired: value,
    "x-unknown": value,
  };
}

function isSchema(given: unknown): given is JsonObject {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

/** A schema that is a JSON object. */
export const objectSchema: fc.Arbitrary<JsonObject> = anySchema.filter(isSchema);

/** What stands as the parameters of a tool. */
export const parameters: fc.Arbitrary<unknown> = mostly(
  fc.oneof(
    { weight: 3, arbitrary: objectSchema },
    fc.record({
      type: fc.constant("object"),
      properties: members(anySchema),
      $defs: members(anySchema),
    }),
    fc.record({ type: fc.constant("object"), properties: members(anySchema) }),
  ),
  30,
);
