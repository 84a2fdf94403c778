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
  return isObject(parameters) ? inChildren(parameters, 0) : JSON.parse(EMPTY_SCHEMA_JSON);
}

// Loops, not map: a deep schema needs a frame of the stack for each call.
function inChildren(node: JsonObject, depth: number): JsonObject {
  let copy: Record<string, unknown> | undefined;
  for (const { key, inObject, inList } of CHILDREN) {
    const value = Object.hasOwn(node, key) ? node[key] : undefined;
    const complete = isObject(value) ? inObject : Array.isArray(value) ? inList : undefined;
    const completed = complete === undefined ? value : complete(value, depth);
    if (completed !== value) (copy ??= { ...node })[key] = completed;
  }
  return copy ?? node;
}

function inEach(container: unknown, depth: number): unknown {
  let copy: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(Object(container))) {
    const completed = inProperty(value, depth);
    if (completed === value) continue;
    // If "__proto__" is a member, the spread makes it an own property.
    copy ??= Object(Array.isArray(container) ? [...container] : { ...Object(container) });
    copy![key] = completed;
  }
  return copy ?? container;
}

function inProperty(node: unknown, depth: number): unknown {
  if (!isObject(node) || depth >= MAX_DEPTH) return node;
  const complete = inChildren(node, depth + 1);
  const hasType = TYPED.some((key) => Object.hasOwn(node, key));
  return hasType ? complete : { ...complete, type: typeOf(node) };
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
