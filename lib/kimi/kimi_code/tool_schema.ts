/** Completes the schemas of tool parameters as kimi-code does. */

import { isObject, type JsonObject } from "../util/json.ts";
import { inlineReferences } from "./references.ts";

/** A schema with one of these gets no type. */
const COMBINATORS = ["$ref", "allOf", "anyOf", "else", "if", "not", "oneOf", "then"];

/** Keywords whose value holds further schemas: by name, in a list, or itself. */
const MAPS = ["dependencies", "dependentSchemas", "patternProperties", "properties"];
const LISTS = ["allOf", "anyOf", "oneOf", "prefixItems", "items"];
const OBJECT_CHILDREN = ["additionalProperties", "propertyNames", "unevaluatedProperties"];
const ARRAY_CHILDREN = ["additionalItems", "contains", "unevaluatedItems"];
const NESTED: ReadonlySet<string> = new Set([
  ...["$defs", "definitions", ...MAPS, ...LISTS, ...OBJECT_CHILDREN, ...ARRAY_CHILDREN],
  ...["contentSchema", "else", "if", "not", "then"],
]);
const BY_NAME: ReadonlySet<string> = new Set(["$defs", "definitions", ...MAPS]);
const IN_LIST: ReadonlySet<string> = new Set(LISTS);
const NOT_ITSELF: ReadonlySet<string> = new Set([
  ...BY_NAME,
  "allOf",
  "anyOf",
  "oneOf",
  "prefixItems",
]);

/** Keywords that imply a type, in the order in which kimi-code checks them. */
const STRUCTURE = {
  object: [
    ...[...MAPS, ...OBJECT_CHILDREN],
    ...["dependentRequired", "maxProperties", "minProperties", "required"],
  ],
  array: [
    ...[...ARRAY_CHILDREN, "prefixItems", "items"],
    ...["maxContains", "maxItems", "minContains", "minItems", "uniqueItems"],
  ],
  string: [
    ...["contentSchema", "contentEncoding", "contentMediaType", "format"],
    ...["maxLength", "minLength", "pattern"],
  ],
  number: ["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"],
};

/** Deeper levels are sent unchanged; no real tool nests this deep. */
const MAX_DEPTH = 1_000;

/**
 * Completes the JSON Schema of a tool's parameters. References are inlined, and each schema below the
 * root has a type, that of its values if they are all of one type. kimi-code fails where they are not:
 * such a schema is left as it is.
 *
 * @see kimi-code 2.1.0 `packages/agent-core-v2/src/human/llm-kimi/schema.ts`
 */
export function completeToolSchema(parameters: JsonObject): JsonObject {
  return completeChildren(inlineReferences(parameters), 0);
}

function completeChildren(node: JsonObject, depth: number): JsonObject {
  if (depth > MAX_DEPTH) return node;
  const below = (value: unknown) => isObject(value) ? complete(value, depth + 1) : value;
  const copy: Record<string, unknown> = { ...node };
  for (const key of Object.keys(copy)) {
    const value = copy[key];
    if (!NESTED.has(key)) continue;
    if (Array.isArray(value)) {
      if (IN_LIST.has(key)) copy[key] = value.map(below);
    } else if (BY_NAME.has(key) && isObject(value)) {
      const members: Record<string, unknown> = { ...value };
      for (const name of Object.keys(members)) members[name] = below(members[name]);
      copy[key] = members;
    } else if (!NOT_ITSELF.has(key)) copy[key] = below(value);
  }
  return copy;
}

function complete(node: JsonObject, depth: number): JsonObject {
  return completeChildren(hasAny(node, COMBINATORS) ? node : withType(node), depth);
}

function withType(node: JsonObject): JsonObject {
  const isTyped = Object.hasOwn(node, "type");
  if (isTyped && typeof node.type !== "string") return node;
  const values = Array.isArray(node.enum) && node.enum.length > 0
    ? node.enum
    : Object.hasOwn(node, "const")
    ? [node.const]
    : undefined;
  const type = values !== undefined
    ? typeOfValues(values)
    : isTyped
    ? node.type
    : typeOfStructure(node);
  if (type === undefined || type === node.type) return node;
  if (!isTyped) return { ...node, type };
  const wrong = [
    ...(type === "object" ? [] : STRUCTURE.object),
    ...(type === "array" ? [] : STRUCTURE.array),
  ];
  const kept = Object.entries({ ...node, type }).filter(([key]) => !wrong.includes(key));
  return Object.fromEntries(kept);
}

function typeOfStructure(node: JsonObject): string {
  return Object.entries(STRUCTURE).find(([, keys]) => hasAny(node, keys))?.[0] ?? "string";
}

/** The only type of the values; `undefined` if there are several. */
function typeOfValues(values: readonly unknown[]): string | undefined {
  const types = new Set(values.map(typeOfValue));
  if (types.has("number")) types.delete("integer");
  return types.size === 1 ? [...types][0] : undefined;
}

function typeOfValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function hasAny(node: JsonObject, keys: readonly string[]): boolean {
  return keys.some((key) => Object.hasOwn(node, key));
}
