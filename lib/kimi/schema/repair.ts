/**
 * Rewrites a tool's parameters that the service would refuse, so that it takes them and they mean the
 * same as far as its dialect allows. The same input always gives the same output.
 */

import { isObject, type JsonObject } from "../util/json.ts";
import { findSchemaFault, type SchemaFault } from "./check.ts";
import { createDefinitions, type Definitions } from "./definitions.ts";
import { hasBraces, isTwice, SCHEMA_LIMITS } from "./dialect.ts";
import {
  addAllOf,
  type Draft,
  hideMembers,
  repairEnum,
  repairItems,
  repairMembers,
  repairRequired,
  repairTexts,
  repairType,
  withoutSlashes,
} from "./keywords.ts";
import { repairReference, rewriteReferences } from "./references.ts";

/** Rounds of the last resort; each wraps one place. */
const MAX_ROUNDS = 200;

/**
 * Repairs the parameters of a tool.
 *
 * @param schema A JSON Schema.
 * @returns The schema itself if the service takes it; else one that it takes, or the fault that cannot
 * be repaired, such as a size of more than 120,000 bytes.
 */
export function repairSchema(
  schema: JsonObject,
): { readonly schema: JsonObject } | { readonly fault: SchemaFault } {
  let fault = findSchemaFault(schema);
  if (fault === undefined) return { schema };
  // A copy, in which no two schemas are the same object: definitions are known by theirs.
  let repaired = repairRoot(JSON.parse(JSON.stringify(schema)));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    fault = findSchemaFault(repaired);
    if (fault === undefined) return { schema: repaired };
    const wrapped = wrapAt(repaired, fault.path);
    if (wrapped === undefined) break;
    repaired = wrapped;
  }
  return { fault: fault ?? { path: [], reason: "it cannot be repaired" } };
}

/** Hides a place that no repair helps from the checker, which does not look into `allOf`. */
function wrapAt(schema: JsonObject, path: readonly string[]): JsonObject | undefined {
  const [key = "", name] = path;
  if ((key === "properties" || key === "$defs") && name !== undefined) {
    const members = schema[key];
    const member = isObject(members) && Object.hasOwn(members, name) ? members[name] : undefined;
    if (!isObject(members) || !isObject(member) || isWrapped(member)) return undefined;
    return { ...schema, [key]: { ...members, [name]: { allOf: [member] } } };
  }
  if (path.length === 0 && Object.hasOwn(schema, "$ref")) {
    const { $ref, ...rest } = schema;
    return { ...rest, allOf: [{ $ref }] };
  }
  if (path.length === 0 && Object.hasOwn(schema, "properties")) {
    const { properties, required = [], ...rest } = schema;
    const draft: Draft = rest;
    addAllOf(draft, { properties, required });
    return draft;
  }
  const { [key]: value, ...rest } = schema;
  if (value === undefined || key === "type") return undefined;
  const draft: Draft = rest;
  if (key === "anyOf" || key === "items" || key === "additionalProperties") {
    addAllOf(draft, { [key]: value });
  }
  return draft;
}

function isWrapped(schema: JsonObject): boolean {
  return Object.keys(schema).length === 1 && Object.hasOwn(schema, "allOf");
}

function repairRoot(root: JsonObject): JsonObject {
  const definitions = createDefinitions(root);
  const repaired: Draft = { ...repairNode(root, [], definitions) };
  const found: [string, JsonObject][] = [];
  for (let next = definitions.next(); next !== undefined; next = definitions.next()) {
    const [name, schema] = next;
    const typed = withGuessedType(schema);
    found.push([name, withoutSlashes(repairNode(typed, [root], definitions))]);
  }
  if (found.length > 0) repaired.$defs = Object.fromEntries(found);
  return repaired;
}

/** The checker takes a definition without a type for one that never ends. */
function withGuessedType(schema: JsonObject): JsonObject {
  const has = (key: string) => Object.hasOwn(schema, key);
  if (["type", "$ref", "anyOf", "oneOf", "allOf", "not", "enum", "const"].some(has)) return schema;
  if (["properties", "required", "additionalProperties"].some(has)) {
    return { ...schema, type: "object" };
  }
  return ["items", "prefixItems"].some(has) ? { ...schema, type: "array" } : schema;
}

/**
 * Repairs one schema and all that the checker visits below it.
 *
 * @param node The schema.
 * @param scope Schemas around it, the innermost first; none for the root.
 */
function repairNode(
  node: JsonObject,
  scope: readonly JsonObject[],
  definitions: Definitions,
): JsonObject {
  if (scope.length > 4 * SCHEMA_LIMITS.depth) return {};
  const inner = [node, ...scope];
  const draft: Draft = { ...node };
  delete draft.$defs;
  delete draft.definitions;
  const rewrite = (schema: unknown) => rewriteReferences(schema, inner, definitions);
  repairTexts(draft);
  const reference = repairReference(draft, inner, definitions, scope.length === 0);
  if (reference !== undefined) return reference;
  repairTexts(draft);
  repairType(draft);
  repairItems(draft);
  repairMembers(draft);
  for (const key of Object.keys(draft)) {
    if (!VISITED.has(key)) {
      const value = rewrite({ [key]: draft[key] });
      if (isObject(value) && Object.hasOwn(value, key)) draft[key] = value[key];
      else delete draft[key];
    }
  }
  const branches: unknown = draft.anyOf;
  if (Object.hasOwn(draft, "enum") && branches !== undefined) {
    delete draft.anyOf;
    addAllOf(draft, { anyOf: rewrite(branches) });
  }
  repairEnum(draft);
  repairProperties(draft, rewrite, (value) => repairNode(value, inner, definitions));
  if (isObject(draft.items)) draft.items = repairNode(draft.items, inner, definitions);
  const { additionalProperties: additional } = draft;
  if (isObject(additional)) draft.additionalProperties = repairNode(additional, inner, definitions);
  else if (typeof additional !== "boolean") delete draft.additionalProperties;
  repairAnyOf(draft, rewrite, (value) => repairNode(value, inner, definitions), !scope.length);
  return draft;
}

/** What the functions here look after; everything else only has its references rewritten. */
const VISITED: ReadonlySet<string> = new Set([
  ...["type", "enum", "properties", "required", "items", "additionalProperties", "anyOf"],
  ...["description", "title", "$id", "pattern"],
]);

function repairProperties(
  draft: Draft,
  rewrite: (schema: unknown) => unknown,
  repair: (schema: JsonObject) => JsonObject,
): void {
  repairRequired(draft);
  if (!isObject(draft.properties)) return;
  const given = Object.entries(draft.properties).filter(([, value]) => value !== false);
  const schemas = given.map(([name, value]) => [name, isObject(value) ? value : {}] as const);
  draft.properties = Object.fromEntries(
    schemas.map(([name, schema]) => [name, isOdd(name) ? rewrite(schema) : repair(schema)]),
  );
  repairRequired(draft);
  hideMembers(draft, isOdd);
}

/** The checker takes a member of this name for a reference, or cannot find what lies below it. */
function isOdd(name: string): boolean {
  return name === "$ref" || hasBraces(name);
}
function repairAnyOf(
  draft: Draft,
  rewrite: (schema: unknown) => unknown,
  repair: (schema: JsonObject) => JsonObject,
  isRoot: boolean,
): void {
  if (!Object.hasOwn(draft, "anyOf")) return;
  const given = draft.anyOf;
  const listed: readonly unknown[] = Array.isArray(given) ? given : [];
  const kept = listed.map((branch) => branch === true ? {} : branch).filter(isObject);
  const hide = () => {
    delete draft.anyOf;
    if (kept.length > 0) addAllOf(draft, { anyOf: rewrite(kept) });
  };
  if (kept.length === 0 || kept.length > SCHEMA_LIMITS.branches) return hide();
  const isTyped = Object.hasOwn(draft, "type");
  const typed: readonly JsonObject[] = isTyped
    ? kept.map((branch) => withType(branch, draft.type)).filter(isObject)
    : kept;
  if ((isTyped && isRoot) || typed.length < kept.length) return hide();
  const branches = typed.map((branch: JsonObject) => repair(branch));
  const { type: _, ...outer } = draft;
  const keys = branches.flatMap(Object.keys);
  if (keys.some((key) => key !== "anyOf" && isTwice(outer, key))) return hide();
  delete draft.type;
  draft.anyOf = branches;
}

/** The branch with the type that stood beside `anyOf`; `undefined` if the two do not go together. */
function withType(branch: JsonObject, type: unknown): JsonObject | undefined {
  const outer: readonly unknown[] = Array.isArray(type) ? type : [type];
  if (Object.hasOwn(branch, "type")) {
    const inner: readonly unknown[] = Array.isArray(branch.type) ? branch.type : [branch.type];
    const isWithin = inner.every((each) =>
      outer.includes(each) || (each === "integer" && outer.includes("number"))
    );
    return isWithin ? branch : undefined;
  }
  const isSimple = !["$ref", "anyOf", "allOf", "oneOf", "not"].some((key) =>
    Object.hasOwn(branch, key)
  );
  return isSimple ? { ...branch, type } : undefined;
}
