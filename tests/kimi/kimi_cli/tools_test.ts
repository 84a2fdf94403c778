import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import { MAX_TOOLS } from "../../../lib/kimi/chat_body/tools.ts";
import { convertTool } from "../../../lib/kimi/kimi_cli/body.ts";
import {
  assertGolden,
  deepFreeze,
  jsonWith,
  readRows,
  sdkTool,
  utf16,
} from "../../support/vectors.ts";

interface Row {
  readonly name: string;
  readonly outputJson?: string;
  readonly throws?: string;
}

function property(name: string, schema: JsonObject, rest: JsonObject = {}): JsonObject {
  return {
    name,
    description: "d",
    parameters: { type: "object", properties: { a: schema }, ...rest },
  };
}

/** The tools given to kimi-cli for the rows of whole tools. */
const TOOLS: readonly JsonObject[] = [
  { name: "$web_search", description: "ignored", parameters: { type: "object" } },
  { name: "$", description: "", parameters: {} },
  { name: "EmptyParameters", description: "d", parameters: {} },
  {
    name: "EnumNoType",
    description: "d",
    parameters: { type: "object", properties: { mode: { enum: ["a", "b"] } } },
  },
  {
    name: "Unicode",
    description: 'Ünï 名前 😀 "q" \\ /\n\t\u2028\x7f',
    parameters: { type: "object", properties: { 名前: { description: "é\u0001" } } },
  },
  property("TypeNull", { type: null }),
  property("TypeEmpty", { type: "" }),
  property("TupleItems", { type: "array", items: [{ type: "string" }] }),
  property("RefRecursive", { $ref: "#/$defs/N" }, {
    $defs: { N: { properties: { n: { $ref: "#/$defs/N" } } } },
  }),
  property("RequiredNotList", {}, { required: "a" }),
  property("EnumNotList", { enum: "x" }),
  property("Draft7Dependencies", {}, {
    dependencies: { a: ["b"] },
    $schema: "http://json-schema.org/draft-07/schema#",
  }),
  property("ExclusiveMinimumBool", { exclusiveMinimum: true, minimum: 1 }),
];

const REFUSED = "kimi-cli ends the whole run over a schema that is not valid; here it is sent";

Deno.test("contract 3: every tool of the golden data equals kimi-cli's", () => {
  const rows = readRows<Row>("schema").filter(({ name }) => name.startsWith("tool/"));
  assertEquals(rows.length, TOOLS.length);
  assertGolden({
    rows,
    ours: ({ name }) => {
      const given = TOOLS.find((tool) =>
        [`tool/${tool.name}`, `tool/builtin-${tool.name}`].includes(name)
      );
      return JSON.stringify(convertTool(sdkTool(given ?? {})).tool);
    },
    theirs: ({ outputJson, throws }) => outputJson ?? throws,
    leftOut: {
      "tool/TypeNull": REFUSED,
      "tool/TypeEmpty": REFUSED,
      "tool/TupleItems": REFUSED,
      "tool/RequiredNotList": REFUSED,
      "tool/EnumNotList": REFUSED,
      "tool/ExclusiveMinimumBool": REFUSED,
    },
  });
});

Deno.test("contract 4: the estimate of every tool of the golden data equals kimi-cli's", () => {
  interface Estimate {
    readonly name: string;
    readonly input: JsonObject;
    readonly output: number;
  }
  assertGolden({
    rows: readRows<Estimate>("completion-tokens").filter(({ name }) =>
      name.startsWith("_estimate_tool_tokens")
    ),
    ours: ({ input }) => convertTool(sdkTool(input)).tokens,
    theirs: ({ output }) => output,
  });
});

Deno.test("contract 4: a schema is estimated before it is completed", () => {
  const tokens = (schema: JsonObject) =>
    convertTool(sdkTool({ name: "n", description: "d", parameters: { items: schema } })).tokens;
  // {"items":{}} is 12 characters, {"items":{"type":"string"}} 27.
  assertEquals(tokens({}), 1 + 1 + 3);
  assertEquals(tokens({ type: "string" }), 1 + 1 + 7);
});

Deno.test("contract 3: convertTool() leaves out members that kimi-cli does not send", () => {
  const tool = {
    function: {
      strict: true,
      parameters: { type: "object" },
      name: "n",
      description: "d",
      extra: 1,
    },
    cache_control: { type: "ephemeral" },
    type: "function",
  };
  assertEquals(
    JSON.stringify(convertTool(tool).tool),
    '{"type":"function","function":{"name":"n","description":"d","parameters":{"type":"object"}}}',
  );
});

Deno.test("convertTool() adds an empty description and an empty schema if they are missing", () => {
  for (const parameters of [undefined, null, [], "{}", 1, false]) {
    assertEquals(
      JSON.stringify(convertTool(sdkTool({ name: "n", parameters })).tool),
      '{"type":"function","function":{"name":"n","description":"",' +
        '"parameters":{"type":"object","properties":{}}}}',
    );
  }
});

Deno.test("convertTool() returns a tool of an unknown shape unchanged", () => {
  for (const tool of [null, 1, "tool", [], {}, { type: "web" }, { function: { name: 1 } }]) {
    assertEquals(convertTool(tool), { tool, tokens: 0 });
  }
});

Deno.test("convertTool() replaces lone surrogates in the description", () => {
  fc.assert(fc.property(utf16, (description) => {
    const name = "a";
    const { tool } = convertTool(sdkTool({ name, description, parameters: {} }));
    const made = isObject(tool) ? tool.function : undefined;
    assertEquals(made, {
      name,
      description: description.toWellFormed(),
      parameters: {},
    });
  }));
});

Deno.test("MAX_TOOLS is the service's limit", () => assertEquals(MAX_TOOLS, 128));

Deno.test("convertTool() accepts arbitrary tools, writes to none and is deterministic", () => {
  const keys = ["type", "function", "name", "description", "parameters", "properties", "items"];
  fc.assert(fc.property(jsonWith(keys), jsonWith(keys), (tool, inner) => {
    for (
      const given of [tool, { function: inner }, { function: { name: "n", parameters: inner } }]
    ) {
      const text = JSON.stringify(given);
      const made = convertTool(deepFreeze(given));
      const { tokens } = made;
      assertEquals(JSON.stringify(given), text);
      assertEquals(convertTool(JSON.parse(text)), made);
      assert(Number.isSafeInteger(tokens) && tokens >= 0, `${tokens}`);
    }
  }));
});

/** Writes to an object and everything in it. */
function scribble(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const member of Object.values(value)) scribble(member);
  if (Array.isArray(value)) value.push("scribble");
  else Object.assign(value, { description: "scribble", cache_control: { type: "ephemeral" } });
}

Deno.test("editing a converted tool does not change a later conversion of the same tool", () => {
  const schemas = [
    undefined,
    { type: "object", properties: {} },
    { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
    { type: "object", properties: { path: {}, list: { items: [{ enum: ["a"] }] } } },
    { type: "object", properties: { path: { description: "\ud800" } } },
  ];
  for (const name of ["shared", "$shared"]) {
    for (const parameters of schemas) {
      const text = JSON.stringify(sdkTool({ name, description: "d", parameters }));
      const first = convertTool(JSON.parse(text));
      const json = JSON.stringify(first.tool);
      scribble(first.tool);
      const second = convertTool(JSON.parse(text));
      assertEquals(JSON.stringify(second.tool), json);
      scribble(second.tool);
      assertEquals(JSON.stringify(convertTool(JSON.parse(text)).tool), json);
    }
  }
});

Deno.test("an added type comes last even if the schema has an undefined one", () => {
  const schema = { type: undefined, description: "d" };
  const parameters = { properties: { path: schema, tags: { type: undefined, items: schema } } };
  assertEquals(
    JSON.stringify(convertTool(sdkTool({ name: "undefined_type", parameters })).tool),
    '{"type":"function","function":{"name":"undefined_type","description":"","parameters":' +
      '{"properties":{"path":{"description":"d","type":"string"},' +
      '"tags":{"items":{"description":"d","type":"string"},"type":"array"}}}}}',
  );
});
