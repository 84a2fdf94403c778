/** Completes the schemas of tool parameters as kimi-cli does. */

import { isObject, type JsonObject, text } from "../util/json.ts";

const COMBINATORS = ["anyOf", "oneOf", "allOf", "not", "if", "then", "else", "$ref"];

/** Keywords that imply a type, in the order in which kimi-cli checks them. */
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

/** Deeper levels are sent unchanged; no real tool nests this deep. */
const MAX_DEPTH = 1000;

/** The parameters of a tool that has none. */
export const EMPTY_SCHEMA_JSON = '{"type":"object","properties":{}}';

/**
 * Completes the JSON Schema of a tool's parameters: the service refuses a property schema without
 * `type`. Each visited property schema that lacks one gets it as its last key. The root gets none;
 * `$defs`, `patternProperties`, `not` and the like are not visited.
 *
 * Unchanged parts are shared with the input, which is never written to. Anything that is not an
 * object becomes `{"type":"object","properties":{}}`.
 *
 * @see kosong 0.56.0 `utils/jsonschema.py`: `ensure_property_types`
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
  return isObject(parameters) ? withCompleteChildren(parameters, 0) : JSON.parse(EMPTY_SCHEMA_JSON);
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
    // If "__proto__" is a member, the spread has made it an own property.
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

/** Python reads a number as an integer only if JSON spells it as one: 1e21 is a float. */
function typeOfValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return /[.e]/.test(`${value}`) ? "number" : "integer";
  return typeof value;
}

/** The types that completion adds to a schema, so that they can be added again without a search. */
export interface TypeAdditions {
  readonly type: string | undefined;
  readonly members: readonly { readonly key: string; readonly inner: TypeAdditions }[];
}

/** Finds the types that a completed schema has in addition, or `undefined` if it is unchanged. */
export function typeAdditions(given: unknown, completed: unknown): TypeAdditions | undefined {
  if (given === completed) return undefined;
  const before: JsonObject = Object(given);
  const after: JsonObject = Object(completed);
  return {
    type: before.type === undefined ? text(after.type) : undefined,
    members: Object.keys(before).flatMap((key) => {
      const inner = typeAdditions(before[key], after[key]);
      return inner === undefined ? [] : [{ key, inner }];
    }),
  };
}

/** Adds types to a schema with the same JSON; only what changes is copied. */
export function withTypes(node: unknown, additions: TypeAdditions | undefined): unknown {
  if (additions === undefined) return node;
  const given = Object(node);
  const copy: Record<string, unknown> = Array.isArray(given) ? [...given] : { ...given };
  for (const { key, inner } of additions.members) copy[key] = withTypes(copy[key], inner);
  if (additions.type === undefined) return copy;
  // A member that is undefined is not in the JSON: the type must still come last.
  if (Object.hasOwn(copy, "type")) delete copy.type;
  copy.type = additions.type;
  return copy;
}
