/** Repairs of single keywords: what the service does not take is written in a way that it takes. */

import { isObject, type JsonObject } from "../util/json.ts";
import { enumTypeFault, hasSlash, jsonType, SCHEMA_LIMITS, TYPES } from "./dialect.ts";

/** A schema that is being written. */
export type Draft = Record<string, unknown>;

/** Types of other languages and of older drafts. */
const ALIASES: ReadonlyMap<string, string> = new Map(Object.entries({
  int: "integer",
  int32: "integer",
  int64: "integer",
  long: "integer",
  float: "number",
  double: "number",
  decimal: "number",
  bool: "boolean",
  str: "string",
  text: "string",
  char: "string",
  date: "string",
  datetime: "string",
  "date-time": "string",
  time: "string",
  uuid: "string",
  uri: "string",
  url: "string",
  email: "string",
  list: "array",
  tuple: "array",
  set: "array",
  dict: "object",
  map: "object",
  record: "object",
  struct: "object",
  none: "null",
  nil: "null",
}));

/** Puts a constraint where the service's checker does not look, and a model still reads it. */
export function addAllOf(draft: Draft, schema: JsonObject): void {
  draft.allOf = [...(Array.isArray(draft.allOf) ? draft.allOf : []), schema];
}

/** Writes `type` in the dialect's words, or leaves it out. */
export function repairType(draft: Draft): void {
  if (!Object.hasOwn(draft, "type")) return;
  const type = knownType(draft.type);
  if (type === undefined) delete draft.type;
  else draft.type = type;
}

function knownType(type: unknown): string | readonly string[] | undefined {
  if (typeof type === "string") {
    const lower = type.toLowerCase();
    return TYPES.has(lower) ? lower : ALIASES.get(lower);
  }
  if (isObject(type)) return knownType(type.type);
  if (!Array.isArray(type)) return undefined;
  if (type.length > 0 && type.every((each) => TYPES.has(each))) return type;
  const types = new Set(type.flatMap((each: unknown) => knownType(each) ?? []));
  const isAny = type.some((each) => knownType(each) === undefined);
  return isAny || types.size === 0 ? undefined : [...types];
}

/** Gives an enum the types of its values. */
export function repairEnum(draft: Draft): void {
  if (!Object.hasOwn(draft, "enum")) return;
  const { enum: values } = draft;
  if (!Array.isArray(values) || values.length === 0) {
    delete draft.enum;
    return;
  }
  if (values.length > SCHEMA_LIMITS.enumValues) {
    delete draft.enum;
    addAllOf(draft, { enum: values });
    return;
  }
  if (enumTypeFault(values, draft.type) === undefined) return;
  const groups = groupsOf(values, draft.type);
  delete draft.enum;
  delete draft.type;
  const [first] = groups;
  if (groups.length === 1) Object.assign(draft, first);
  else draft.anyOf = groups;
}

/** One schema for each type among the values; `null` joins the only other type. */
function groupsOf(values: readonly unknown[], type: unknown): readonly JsonObject[] {
  const declared: readonly unknown[] = Array.isArray(type) ? type : [type];
  // Node 20 has no `Map.groupBy`.
  const names = [...new Set(values.map(jsonType))];
  const groups = names.map((name): readonly [string, readonly unknown[]] => {
    const group = values.filter((value) => jsonType(value) === name);
    if (name !== "number" || declared.includes("number")) return [name, group];
    return [group.every(Number.isInteger) ? "integer" : "number", group];
  });
  const others = groups.filter(([name]) => name !== "null");
  const [only] = others;
  const canBeNull = only !== undefined && !["array", "object"].includes(only[0]);
  if (others.length === 1 && groups.length === 2 && canBeNull) {
    // `null` comes first: the checker gives up at a number's type.
    return [{ type: ["null", only[0]], enum: values }];
  }
  return groups.map(([name, group]) => ({ type: name, enum: group }));
}

/** Leaves out annotations and patterns that are not texts. */
export function repairTexts(draft: Draft): void {
  for (const key of ["description", "$id", "pattern"]) {
    if (Object.hasOwn(draft, key) && typeof draft[key] !== "string") delete draft[key];
  }
}

/** Writes a list of `items`, and `items` that are `true` or `false`, as the newer drafts do. */
export function repairItems(draft: Draft): void {
  if (!Object.hasOwn(draft, "items") || isObject(draft.items)) return;
  const { items, additionalItems } = draft;
  delete draft.items;
  if (Array.isArray(items)) {
    const entries = items.map((entry) => isObject(entry) ? entry : {});
    if (entries.length > 0) draft.prefixItems = entries;
    delete draft.additionalItems;
    if (additionalItems === false) draft.maxItems ??= entries.length;
    else if (isObject(additionalItems)) draft.items = additionalItems;
    else if (entries.length > 0) draft.items = eitherOf(entries);
  } else if (items === false) {
    draft.maxItems ??= Array.isArray(draft.prefixItems) ? draft.prefixItems.length : 0;
  }
}

function eitherOf(entries: readonly JsonObject[]): JsonObject {
  const different = [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];
  const [first = {}] = different;
  return different.length === 1 ? first : { anyOf: different };
}

/** Writes a list of named members as an object, and leaves out what is neither. */
export function repairMembers(draft: Draft): void {
  if (!Object.hasOwn(draft, "properties") || isObject(draft.properties)) return;
  const { properties } = draft;
  delete draft.properties;
  if (!Array.isArray(properties)) return;
  const members = properties.filter(isObject).flatMap(({ name, ...schema }) =>
    typeof name === "string" ? [[name, schema] as const] : []
  );
  if (members.length > 0) draft.properties = Object.fromEntries(members);
}

/** Keeps of `required` what `properties` holds; without any members, it makes them. */
export function repairRequired(draft: Draft): void {
  if (!Object.hasOwn(draft, "required")) return;
  const given: readonly unknown[] = Array.isArray(draft.required) ? draft.required : [];
  const names = given.filter((name) => typeof name === "string");
  if (!isObject(draft.properties) && names.length > 0) {
    const { required: _, ...rest } = draft;
    for (const key of Object.keys(draft)) delete draft[key];
    const members = Object.fromEntries(
      names.filter((name) => name !== "$ref").map((name) => [
        name,
        {},
      ]),
    );
    Object.assign(draft, rest, { properties: members, required: names });
  }
  const members = isObject(draft.properties) ? draft.properties : {};
  const kept = names.filter((name) => Object.hasOwn(members, name));
  if (!Array.isArray(draft.required)) delete draft.required;
  else if (kept.length < draft.required.length) draft.required = kept;
}

/**
 * Writes members by a pattern of their names: the checker does not look at `patternProperties`.
 *
 * @param isHidden Which names.
 */
export function hideMembers(draft: Draft, isHidden: (name: string) => boolean): void {
  if (!isObject(draft.properties)) return;
  const members = Object.entries(draft.properties);
  const hidden = members.filter(([name]) => isHidden(name));
  if (hidden.length === 0) return;
  draft.properties = Object.fromEntries(members.filter(([name]) => !isHidden(name)));
  draft.patternProperties = {
    ...(isObject(draft.patternProperties) ? draft.patternProperties : {}),
    ...Object.fromEntries(hidden.map(([name, schema]) => [patternOf(name), schema])),
  };
  if (!Array.isArray(draft.required)) return;
  const required: readonly unknown[] = draft.required;
  const isGone = (name: unknown) => typeof name === "string" && isHidden(name);
  const gone = required.filter(isGone);
  if (gone.length === 0) return;
  draft.required = required.filter((name) => !isGone(name));
  addAllOf(draft, { required: gone });
}

/** A regular expression for one name, without a slash. */
function patternOf(name: string): string {
  return `^${name.replace(/[$^*+?.()|[\]{}\\-]/g, "\\$&").replaceAll("/", "\\u002f")}$`;
}

/** Rewrites a definition so that no name in it holds a slash. */
export function withoutSlashes(schema: JsonObject): JsonObject {
  if (!hasSlash(schema)) return schema;
  const draft: Draft = { ...schema };
  hideMembers(draft, (name) => name.includes("/"));
  for (const [key, value] of Object.entries(draft)) {
    const isPattern = key === "patternProperties" && isObject(value);
    if (key.includes("/")) delete draft[key];
    else if (isPattern) draft[key] = withoutSlashes(byPlainPattern(value));
    else if (Array.isArray(value)) {
      draft[key] = value.map((each) => isObject(each) ? withoutSlashes(each) : each);
    } else if (isObject(value)) draft[key] = withoutSlashes(value);
  }
  return draft;
}

function byPlainPattern(patterns: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(patterns).map(([name, schema]) => [name.replaceAll("/", "\\u002f"), schema]),
  );
}
