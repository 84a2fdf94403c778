/**
 * Tool parameter schemas, completed as kimi-cli completes them: the service refuses a property
 * schema without `type`.
 *
 * @see kosong 0.56.0 `utils/jsonschema.py`: `ensure_property_types`
 * @module
 */

import { isObject, type JsonObject } from "../util/json.ts";

const COMBINATORS = ["anyOf", "oneOf", "allOf", "not", "if", "then", "else", "$ref"];

/** Keywords that tell a type, in the order in which kimi-cli asks for them. */
const KEYWORDS: readonly (readonly [type: string, keywords: readonly string[]])[] = [
  ["object", [
    "properties",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "required",
    "minProperties",
    "maxProperties",
  ]],
  ["array", ["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"]],
  ["string", ["minLength", "maxLength", "pattern", "format"]],
  ["number", ["minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"]],
];

/** Deeper schemas are sent as they are from here on; no tool nests like this. */
const MAX_DEPTH = 1000;

/** Parameters that stand in where a tool has none that are an object. */
export const NO_PARAMETERS: JsonObject = { type: "object", properties: {} };

/**
 * Completes the parameters of a tool. The root is a container and gets no type; `$defs`,
 * `patternProperties`, `not` and the like are not visited.
 *
 * @param parameters The JSON Schema of a tool's parameters.
 * @returns The schema with a `type` as the last key of each visited property schema that had none.
 * What is unchanged is shared with the input, which is never written to. Anything that is not an
 * object becomes `{"type":"object","properties":{}}`.
 * @example
 * ```ts
 * import { completeToolSchema } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(completeToolSchema({ type: "object", properties: { mode: { enum: ["a", "b"] } } }), {
 *   type: "object",
 *   properties: { mode: { enum: ["a", "b"], type: "string" } },
 * });
 * ```
 */
export function completeToolSchema(parameters: unknown): JsonObject {
  return isObject(parameters) ? withCompleteChildren(parameters, 0) : NO_PARAMETERS;
}

function withCompleteChildren(node: JsonObject, depth: number): JsonObject {
  let copy: Record<string, unknown> | undefined;
  const replace = (key: string, before: unknown, after: unknown) => {
    if (after !== before) (copy ??= { ...node })[key] = after;
  };
  if (Object.hasOwn(node, "properties") && isObject(node.properties)) {
    replace("properties", node.properties, completeMembers(node.properties, depth));
  }
  for (const key of ["items", "additionalProperties"]) {
    if (!Object.hasOwn(node, key)) continue;
    const value = node[key];
    if (isObject(value)) replace(key, value, completeProperty(value, depth));
    else if (key === "items" && Array.isArray(value)) {
      replace(key, value, completeItems(value, depth));
    }
  }
  for (const key of ["anyOf", "oneOf", "allOf"]) {
    const value = Object.hasOwn(node, key) ? node[key] : undefined;
    if (Array.isArray(value)) replace(key, value, completeItems(value, depth));
  }
  return copy ?? node;
}

function completeMembers(members: JsonObject, depth: number): JsonObject {
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(members)) {
    const before = members[key];
    const after = completeProperty(before, depth);
    if (after === before) continue;
    // The spread has made "__proto__", where it is a member, a property of its own.
    (copy ??= { ...members })[key] = after;
  }
  return copy ?? members;
}

function completeItems(items: readonly unknown[], depth: number): readonly unknown[] {
  let copy: unknown[] | undefined;
  items.forEach((before, index) => {
    const after = completeProperty(before, depth);
    if (after !== before) (copy ??= [...items])[index] = after;
  });
  return copy ?? items;
}

function completeProperty(node: unknown, depth: number): unknown {
  if (!isObject(node) || depth >= MAX_DEPTH) return node;
  const complete = withCompleteChildren(node, depth + 1);
  if (Object.hasOwn(node, "type") || COMBINATORS.some((key) => Object.hasOwn(node, key))) {
    return complete;
  }
  return { ...complete, type: typeOf(node) };
}

function typeOf(node: JsonObject): string {
  const values = Object.hasOwn(node, "enum") ? node.enum : undefined;
  if (Array.isArray(values) && values.length > 0) return typeOfValues(values);
  if (Object.hasOwn(node, "const")) return typeOfValues([node.const]);
  for (const [type, keywords] of KEYWORDS) {
    if (keywords.some((key) => Object.hasOwn(node, key))) return type;
  }
  return "string";
}

function typeOfValues(values: readonly unknown[]): string {
  const types = new Set(values.map(typeOfValue));
  if (types.size === 2 && types.has("integer") && types.has("number")) return "number";
  const [type] = types;
  return types.size === 1 && type !== undefined ? type : "string";
}

/** To Python a number is an integer where JSON spells it so: 1e21 is none. */
function typeOfValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return /[.e]/.test(`${value}`) ? "number" : "integer";
  return typeof value;
}
