import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import { completeToolSchema } from "../../../lib/kimi/kimi_cli/tool_schema.ts";
import { assertGolden, deepFreeze, endsWithin, jsonWith, readRows } from "../../support/vectors.ts";

interface Row {
  readonly name: string;
  readonly inputJson?: string;
  readonly outputJson?: string;
}

const ROWS = readRows<Row>("schema");
const NUMBER = "JavaScript does not keep this spelling of a number";

function textOf(parameters: unknown): string {
  return JSON.stringify(completeToolSchema(parameters));
}

function nested(depth: number, leaf: JsonObject = {}): JsonObject {
  let schema = leaf;
  for (let level = 0; level < depth; level++) {
    schema = { type: "object", properties: { inner: schema } };
  }
  return schema;
}

const KEYWORDS = [
  ...["type", "properties", "items", "additionalProperties", "anyOf", "oneOf", "allOf", "not"],
  ...["if", "then", "else", "$ref", "$defs", "enum", "const", "required", "minItems", "pattern"],
  ...["minimum", "prefixItems", "patternProperties", "description", "default", "format"],
];

Deno.test("contract 3: completeToolSchema() equals kimi-cli's for every schema of the golden data", () => {
  assertGolden({
    rows: ROWS.filter(({ inputJson }) => inputJson !== undefined),
    ours: ({ inputJson = "" }) => textOf(JSON.parse(inputJson)),
    theirs: ({ outputJson }) => outputJson,
    leftOut: {
      "p/enum/integral-float": `${NUMBER}: 1.0, by which Python tells number from integer`,
      "p/enum/int+integral-float": `${NUMBER}: 2.0, by which Python tells number from integer`,
      "p/enum/big-int": `${NUMBER}: 9007199254740993`,
      "p/enum/negative-zero": `${NUMBER}: -0.0, by which Python tells number from integer`,
      "p/const/integral-float": `${NUMBER}: 1.0, by which Python tells number from integer`,
      "numbers/kept": `${NUMBER}: 1.0, 1e-07, 9007199254740993, -0.0`,
      "names/integer-like-order": "JavaScript puts members named like integers first",
    },
  });
});

Deno.test("contract 3: schemas that differ in spelling or order have the same meaning", () => {
  const ours = (name: string) => {
    const row = ROWS.find((row) => row.name === name);
    return {
      got: completeToolSchema(JSON.parse(row?.inputJson ?? "")),
      want: row?.outputJson ?? "",
    };
  };
  for (const name of ["numbers/kept", "names/integer-like-order", "p/enum/big-int"]) {
    const { got, want } = ours(name);
    // JSON has no -0, so none is sent.
    assertEquals(JSON.parse(JSON.stringify(got)), JSON.parse(want.replaceAll("-0.0", "0")), name);
  }
});

Deno.test("contract 3: a number that JSON spells with an exponent is not an integer", () => {
  assertEquals(
    textOf({
      properties: { a: { enum: [1e20, -9e20] }, b: { const: 1e21 }, c: { enum: [1, 1e21] } },
    }),
    '{"properties":{"a":{"enum":[100000000000000000000,-900000000000000000000],"type":"integer"},' +
      '"b":{"const":1e+21,"type":"number"},"c":{"enum":[1,1e+21],"type":"number"}}}',
  );
});

Deno.test("contract 3: only the rows of depth and of whole tools have no input", () => {
  const names = ROWS.filter(({ inputJson }) => inputJson === undefined).map(({ name }) => name);
  assertEquals(names.filter((name) => !name.startsWith("tool/")), ["depth/100", "depth/400"]);
});

Deno.test("contract 3: deep schemas are completed as kimi-cli does, and beyond where Python gives up", () => {
  for (const depth of [1, 100, 300, 400, 900]) {
    assertEquals(textOf(nested(depth)), JSON.stringify(nested(depth, { type: "string" })));
  }
});

Deno.test("completeToolSchema() leaves levels below the depth limit unchanged and does not throw", () => {
  const schema = nested(2500);
  assertEquals(textOf(schema), JSON.stringify(schema));
});

Deno.test("completeToolSchema() returns an empty object schema for anything but an object", () => {
  for (const parameters of [undefined, null, true, 7, "text", [], [{ type: "object" }]]) {
    assertEquals(textOf(parameters), '{"type":"object","properties":{}}');
  }
  assertEquals(textOf({}), "{}");
});

Deno.test("completeToolSchema() does not follow a cyclic $ref", () => {
  const schema = {
    properties: { self: { $ref: "#" }, node: { $ref: "#/$defs/Node" }, list: {} },
    $defs: { Node: { properties: { next: { $ref: "#/$defs/Node" } } } },
  };
  const list = { ...schema, properties: { ...schema.properties, list: { type: "string" } } };
  assertEquals(textOf(schema), JSON.stringify(list));
});

Deno.test("completeToolSchema() completes properties named type, $ref and __proto__ without pollution", () => {
  const before = Reflect.ownKeys(Object.prototype);
  const names = ["type", "$ref", "__proto__", "constructor", "anyOf", "hasOwnProperty"];
  const members = names.map((name) => `${JSON.stringify(name)}:{"enum":[true]}`);
  const completed = completeToolSchema(JSON.parse(`{"properties":{${members}}}`));
  const want = members.map((member) => member.replace("}", ',"type":"boolean"}'));
  assertEquals(JSON.stringify(completed), `{"properties":{${want}}}`);
  assertEquals(Object.getPrototypeOf(completed.properties), Object.prototype);
  assertEquals(Reflect.ownKeys(Object.prototype), before);
  const polluting = JSON.parse('{"__proto__":{"type":"x","properties":{"a":{}}},"items":{}}');
  assertEquals(
    textOf(polluting),
    '{"__proto__":{"type":"x","properties":{"a":{}}},"items":{"type":"string"}}',
  );
});

Deno.test("completeToolSchema() looks for keywords only among a schema's own members", () => {
  const schema = Object.create({ type: "integer", const: 1, enum: [1], items: {}, $ref: "#" });
  assertEquals(textOf({ properties: { a: schema } }), '{"properties":{"a":{"type":"string"}}}');
});

Deno.test("completeToolSchema() takes less than 50 ms for huge schemas", () => {
  const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`p${at}`, {}]));
  const branches = Array.from({ length: 1000 }, () => ({ enum: ["a", 1], items: {} }));
  for (const schema of [{ properties: wide }, nested(300), nested(900), { anyOf: branches }]) {
    assert(endsWithin(50, () => completeToolSchema(schema)), JSON.stringify(schema).slice(0, 60));
  }
});

/** Schemas that are mostly valid, with arbitrary JSON in places. */
const { schema } = fc.letrec<{ schema: unknown; members: unknown }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 2 },
    jsonWith(KEYWORDS),
    fc.record({
      description: fc.constant("d"),
      properties: tie("members"),
      items: fc.oneof(tie("schema"), fc.array(tie("schema"), { maxLength: 2 })),
      additionalProperties: fc.oneof(tie("schema"), fc.boolean()),
      anyOf: fc.array(tie("schema"), { maxLength: 2 }),
      allOf: fc.array(tie("schema"), { maxLength: 2 }),
      enum: fc.array(jsonWith([]), { maxLength: 3 }),
      const: jsonWith([]),
      minimum: fc.integer(),
      type: fc.constantFrom("string", "object", null),
    }, { requiredKeys: [] }),
  ),
  members: fc.dictionary(fc.constantFrom("a", "b", "type", "constructor"), tie("schema"), {
    maxKeys: 3,
  }),
}));

Deno.test("contract 3: completeToolSchema() accepts arbitrary schemas, writes to none and is idempotent", () => {
  const before = Reflect.ownKeys(Object.prototype);
  fc.assert(
    fc.property(schema, (parameters) => {
      const given = JSON.stringify(parameters);
      const completed = completeToolSchema(deepFreeze(parameters));
      assertEquals(JSON.stringify(parameters), given);
      assertEquals(textOf(completed), JSON.stringify(completed));
      assertEquals(textOf(JSON.parse(given)), JSON.stringify(completed));
      if (isObject(parameters)) assertAdded(parameters, completed, true);
    }),
    { numRuns: 150 },
  );
  assertEquals(Reflect.ownKeys(Object.prototype), before);
});

Deno.test("completeToolSchema() returns a complete schema itself, not a copy", () => {
  const schema = deepFreeze({ type: "object", properties: { a: { type: "string" } }, anyOf: [] });
  assertStrictEquals(completeToolSchema(schema), schema);
});

/** Asserts that the second differs from the first only in a `type` added as the last member. */
function assertAdded(before: unknown, after: unknown, isRoot = false): void {
  if (Array.isArray(before) && Array.isArray(after)) {
    assertEquals(after.length, before.length);
    before.forEach((item, index) => assertAdded(item, after[index]));
  } else if (isObject(before) && isObject(after)) {
    const [names, given] = [Object.keys(after), Object.keys(before)];
    const isAdded = names.length > given.length;
    assertEquals(names, isAdded ? [...given, "type"] : given);
    if (isAdded) assertEquals([isRoot, typeof after.type], [false, "string"]);
    for (const name of given) assertAdded(before[name], after[name]);
  } else assertEquals(after, before);
}
