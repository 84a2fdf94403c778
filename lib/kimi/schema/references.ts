/** Repairs of `$ref`, in the places that the service's checker visits and in all others. */

import { isObject, type JsonObject } from "../util/json.ts";
import type { Definitions } from "./definitions.ts";
import { DATA, isTwice } from "./dialect.ts";
import { addAllOf, type Draft } from "./keywords.ts";

/** Keywords that say nothing of which values are valid. */
const NOTES: ReadonlySet<string> = new Set([
  ...["title", "description", "default", "examples", "$comment", "deprecated", "readOnly"],
  "writeOnly",
]);

/** Keywords whose values hold schemas by the names of members. */
const MEMBERS: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "dependentSchemas",
]);

/**
 * Repairs a schema that is a reference.
 *
 * @param draft The schema; what its reference points to may be written into it.
 * @returns The repaired schema; `undefined` if it is to be repaired as one without a reference.
 */
export function repairReference(
  draft: Draft,
  scope: readonly JsonObject[],
  definitions: Definitions,
  isRoot: boolean,
): JsonObject | undefined {
  if (!Object.hasOwn(draft, "$ref")) return undefined;
  const { $ref } = draft;
  const found = typeof $ref === "string" ? definitions.find($ref, scope) : undefined;
  delete draft.$ref;
  if (found === undefined) return undefined;
  const { target } = found;
  const isTyped = Object.hasOwn(draft, "type") && !Object.hasOwn(target, "anyOf");
  if (isTyped && !isRoot) delete draft.type;
  const others = Object.keys(draft).filter((key) => !NOTES.has(key));
  const isPlain = others.every((key) => key === "type");
  if (isRoot && isPlain && target !== scope[0] && !Object.hasOwn(target, "$ref")) {
    // opencode writes a type beside the reference of a root.
    for (const [key, value] of Object.entries(target)) draft[key] ??= value;
    return undefined;
  }
  if (!isPlain) {
    addAllOf(draft, { $ref: found.$ref });
    return undefined;
  }
  delete draft.type;
  for (const key of Object.keys(draft)) if (isConflict(target, key)) delete draft[key];
  return { ...draft, $ref: found.$ref };
}

function isConflict(target: JsonObject, key: string): boolean {
  const branches: readonly unknown[] = Array.isArray(target.anyOf) ? target.anyOf : [];
  return [target, ...branches.filter(isObject)].some((schema) => isTwice(schema, key));
}

/**
 * Rewrites the references in a schema that the checker does not visit: there it refuses any `$ref` that
 * it meets on its way through objects, and passes over lists.
 */
export function rewriteReferences(
  value: unknown,
  scope: readonly JsonObject[],
  definitions: Definitions,
  isSeen = true,
): unknown {
  if (scope.length > 120) return {};
  if (Array.isArray(value)) {
    return value.map((each) => rewriteReferences(each, scope, definitions, false));
  }
  if (!isObject(value)) return value;
  const draft: Draft = {};
  const inner = [value, ...scope];
  const rewrite = (schema: unknown) => rewriteReferences(schema, inner, definitions, isSeen);
  for (const [key, given] of Object.entries(value)) {
    if (key === "$ref" || key === "$defs" || key === "definitions") continue;
    if (DATA.has(key)) {
      if (!isSeen || !holdsReference(given)) draft[key] = given;
    } else if (MEMBERS.has(key) && isObject(given)) {
      const members = Object.entries(given).filter(([name]) => !isSeen || name !== "$ref");
      draft[key] = Object.fromEntries(members.map(([name, schema]) => [name, rewrite(schema)]));
    } else draft[key] = rewrite(given);
  }
  if (!Object.hasOwn(value, "$ref")) return draft;
  const found = typeof value.$ref === "string" ? definitions.find(value.$ref, inner) : undefined;
  if (found === undefined) return draft;
  if (!isSeen) return { ...draft, $ref: found.$ref };
  addAllOf(draft, { $ref: found.$ref });
  return draft;
}

function holdsReference(value: unknown): boolean {
  if (Array.isArray(value)) return false;
  if (!isObject(value)) return false;
  return Object.hasOwn(value, "$ref") || Object.values(value).some(holdsReference);
}
