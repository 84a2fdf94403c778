/** Words and limits of the dialect of JSON Schema that the service takes. */

import { isObject, type JsonObject } from "../util/json.ts";

/** Why a schema is refused, and where. */
export interface SchemaFault {
  /** Names of keywords and members from the root; empty for the root. */
  readonly path: readonly string[];
  /** What is wrong there. */
  readonly reason: string;
}

/** Limits of the service. */
export const SCHEMA_LIMITS = {
  bytes: 120_000,
  depth: 30,
  members: 3_000,
  enumValues: 1_000,
  branches: 500,
} as const;

/** Keywords that may stand both beside `anyOf` or `$ref` and in what these name. */
const ANNOTATIONS: ReadonlySet<string> = new Set(["title", "description"]);

/** The types of JSON Schema. */
export const TYPES: ReadonlySet<unknown> = new Set([
  "string",
  "number",
  "integer",
  "boolean",
  "null",
  "array",
  "object",
]);

/** Whether a keyword conflicts with the same one in another schema that applies to the same value. */
export function isTwice(node: JsonObject, key: string): boolean {
  return Object.hasOwn(node, key) && !ANNOTATIONS.has(key);
}

/** Whether a name within a definition holds a slash, which is how references are read. */
export function hasSlash(value: JsonObject): boolean {
  return Object.entries(value).some(([key, inner]) => {
    const inside: readonly unknown[] = Array.isArray(inner) ? inner : [inner];
    return key.includes("/") || inside.filter(isObject).some(hasSlash);
  });
}

/** The type of a value, as JSON Schema calls it; whole numbers are `number` too. */
export function jsonType(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** Keywords whose values are data, not schemas. */
export const DATA: ReadonlySet<string> = new Set(["default", "const", "enum", "examples"]);

/** Whether a name makes the checker lose its way to what lies behind it. */
export function hasBraces(name: string): boolean {
  return name.includes("{") && name.includes("}");
}

/** The types that an enum may hold beside `null`. */
const NULLABLE: ReadonlySet<unknown> = new Set(["string", "number", "integer", "boolean"]);

/** Why the checker refuses the values of an enum beside a type; `undefined` if it takes them. */
export function enumTypeFault(values: readonly unknown[], type: unknown): string | undefined {
  if (type === undefined) return "type is missing beside enum";
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  const others = types.filter((each) => each !== "null");
  const isPair = types.length === 2 && others.length === 1 && NULLABLE.has(others[0]);
  if (types.length > 1 && !isPair) return "enum allows one type, or one type and null";
  return values.every((value) => matches(value, types)) ? undefined : "enum holds another type";
}

/** The first type that is a number's and does not fit ends the search. */
function matches(value: unknown, types: readonly unknown[]): boolean {
  for (const type of types) {
    if (type === "number") return typeof value === "number";
    if (type === "integer") return Number.isInteger(value);
    if (type === jsonType(value)) return true;
  }
  return false;
}
