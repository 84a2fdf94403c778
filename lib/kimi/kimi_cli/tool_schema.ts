/** Completes the schemas of tool parameters as kimi-cli does. */

import { EMPTY_SCHEMA_JSON } from "../chat_body/tools.ts";
import { isObject, type JsonObject } from "../util/json.ts";

/** A schema with one of these needs no type. */
const TYPED = ["type", "anyOf", "oneOf", "allOf", "not", "if", "then", "else", "$ref"];

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
 * import { completeToolSchema } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(completeToolSchema({ type: "object", properties: { mode: { enum: ["a", "b"] } } }), {
 *   type: "object",
 *   properties: { mode: { enum: ["a", "b"], type: "string" } },
 * });
 * ```
 */
export function completeToolSchema(parameters: unknown): JsonObject {
  const additions = findMissingTypes(parameters);
  return isObject(parameters) ? withTypes(parameters, additions) : JSON.parse(EMPTY_SCHEMA_JSON);
}

/** The types that a schema lacks, so that they can be added again without a search. */
export interface MissingTypes {
  readonly type: string | undefined;
  readonly members: readonly { readonly key: string; readonly inner: MissingTypes }[];
}

/** Finds the types that the schema of a tool's parameters lacks; `undefined` if there are none. */
export function findMissingTypes(parameters: unknown): MissingTypes | undefined {
  return isObject(parameters) ? unlessEmpty(undefined, inChildren(parameters, 0)) : undefined;
}

type Members = MissingTypes["members"];

function unlessEmpty(type: string | undefined, members: Members): MissingTypes | undefined {
  return type === undefined && members.length === 0 ? undefined : { type, members };
}

// Loops, not flatMap: a deep schema needs a frame of the stack for each call.
function inChildren(node: JsonObject, depth: number): Members {
  const members: Members[number][] = [];
  for (const { key, inObject, inList } of CHILDREN) {
    const value = Object.hasOwn(node, key) ? node[key] : undefined;
    const find = isObject(value) ? inObject : Array.isArray(value) ? inList : undefined;
    const inner = find?.(value, depth);
    if (inner !== undefined) members.push({ key, inner });
  }
  return members;
}

function inEach(container: unknown, depth: number): MissingTypes | undefined {
  const members: Members[number][] = [];
  for (const [key, value] of Object.entries(Object(container))) {
    const inner = inProperty(value, depth);
    if (inner !== undefined) members.push({ key, inner });
  }
  return unlessEmpty(undefined, members);
}

function inProperty(node: unknown, depth: number): MissingTypes | undefined {
  if (!isObject(node) || depth >= MAX_DEPTH) return undefined;
  const hasType = TYPED.some((key) => Object.hasOwn(node, key));
  return unlessEmpty(hasType ? undefined : typeOf(node), inChildren(node, depth + 1));
}

interface Child {
  readonly key: string;
  readonly inObject?: typeof inProperty;
  readonly inList?: typeof inProperty;
}

/** The members of a schema that hold further schemas. */
const CHILDREN: readonly Child[] = [
  { key: "properties", inObject: inEach },
  { key: "items", inObject: inProperty, inList: inEach },
  { key: "additionalProperties", inObject: inProperty },
  { key: "anyOf", inList: inEach },
  { key: "oneOf", inList: inEach },
  { key: "allOf", inList: inEach },
];

/** Adds missing types to a schema, or to another one with the same JSON; copies only what changes. */
export function withTypes(node: JsonObject, missing: MissingTypes | undefined): JsonObject {
  if (missing === undefined) return node;
  const copy: Record<string, unknown> = Object(Array.isArray(node) ? [...node] : { ...node });
  // If "__proto__" is a member, the spread has made it an own property.
  for (const { key, inner } of missing.members) copy[key] = withTypes(Object(copy[key]), inner);
  if (missing.type === undefined) return copy;
  // A member that is undefined is not in the JSON: the type must still come last.
  if (Object.hasOwn(copy, "type")) delete copy.type;
  copy.type = missing.type;
  return copy;
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
