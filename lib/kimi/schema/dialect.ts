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
