import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { createConvertTool } from "../../../lib/kimi/chat_body/tools.ts";
import { completeToolSchema } from "../../../lib/kimi/kimi_code/tool_schema.ts";
import { findSchemaFault } from "../../../lib/kimi/schema/check.ts";
import { isObject, type JsonObject, objectOf } from "../../../lib/kimi/util/json.ts";
import { assertGolden, deepFreeze, jsonWith } from "../../support/vectors.ts";

interface Row {
  readonly name: string;
  readonly inputJson: string;
  readonly outputJson: string;
}

const ROWS: readonly Row[] = JSON.parse(
  Deno.readTextFileSync(new URL("../../data/kimi-code-2.1.0/schema.json", import.meta.url)),
);

/** The parameters as they are sent. */
function sentParameters(parameters: JsonObject): JsonObject {
  const { tool } = createConvertTool(completeToolSchema)({
    type: "function",
    function: { name: "tool", parameters },
  });
  return objectOf(objectOf(objectOf(tool).function).parameters);
}

Deno.test("contract 3: completeToolSchema() equals kimi-code's for every schema of the golden data", () => {
  assertGolden({
    rows: ROWS,
    ours: ({ inputJson }) => JSON.stringify(completeToolSchema(JSON.parse(inputJson))),
    theirs: ({ outputJson }) => outputJson,
  });
});

// kimi-code throws, and sends no request.
for (const values of [["a", null], ["a", 1], [{}, []], [true, 0]]) {
  Deno.test(`contract 3: an enum of ${JSON.stringify(values)} is left as it is, and repaired to be sent`, () => {
    const schema = { type: "object", properties: { v: { enum: values } } };
    assertEquals(completeToolSchema(schema), schema);
    const sent = sentParameters(schema);
    assertEquals(findSchemaFault(sent), undefined);
    for (const value of values) assertStringIncludes(JSON.stringify(sent), JSON.stringify(value));
  });
}

Deno.test("completeToolSchema() leaves a schema alone whose references would make it too large", () => {
  const $defs: Record<string, JsonObject> = { d0: { type: "string" } };
  for (let level = 1; level < 40; level++) {
    const inner = { $ref: `#/$defs/d${level - 1}` };
    $defs[`d${level}`] = { type: "object", properties: { a: inner, b: inner } };
  }
  const schema = { type: "object", properties: { v: { $ref: "#/$defs/d39" } }, $defs };
  assertEquals(completeToolSchema(schema), schema);
});

Deno.test("completeToolSchema() leaves the deepest levels of a schema alone", () => {
  let schema: JsonObject = {};
  for (let level = 0; level < 3000; level++) schema = { properties: { v: schema } };
  assertEquals(isObject(completeToolSchema(schema)), true);
});

const KEYWORDS = [
  ...["type", "properties", "items", "additionalProperties", "anyOf", "oneOf", "allOf", "not"],
  ...[
    "$ref",
    "$defs",
    "definitions",
    "enum",
    "const",
    "required",
    "pattern",
    "#",
    "#/$defs/a",
    "a",
  ],
];
const schemas = jsonWith(KEYWORDS).filter(isObject);

Deno.test("completeToolSchema() accepts arbitrary schemas, writes to none, and always does the same", () => {
  fc.assert(fc.property(schemas, (schema) => {
    const made = JSON.stringify(completeToolSchema(deepFreeze(schema)));
    assertEquals(JSON.stringify(completeToolSchema(structuredClone(schema))), made);
  }));
});

Deno.test("completeToolSchema() changes a schema without references only once", () => {
  const plain = jsonWith(KEYWORDS.filter((key) => !/[$#]/.test(key))).filter(isObject);
  fc.assert(fc.property(plain, (schema) => {
    const once = completeToolSchema(schema);
    assertEquals(JSON.stringify(completeToolSchema(once)), JSON.stringify(once));
  }));
});

Deno.test("contract 3: what is sent of an arbitrary schema fits the service's checker", () => {
  fc.assert(fc.property(schemas, (schema) => {
    assertEquals(findSchemaFault(sentParameters(schema)), undefined);
  }));
});
