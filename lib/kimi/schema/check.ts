/**
 * Finds what the service's own checker refuses in a tool's parameters. The service takes a dialect of
 * JSON Schema (Moonshot Flavored JSON Schema) and answers 400 for everything else.
 *
 * @see https://github.com/MoonshotAI/walle level `lite`: the verdicts that this module reproduces
 */

import { isObject, type JsonObject } from "../util/json.ts";
import {
  enumTypeFault,
  hasBraces,
  hasSlash,
  isTwice,
  SCHEMA_LIMITS,
  type SchemaFault,
  TYPES,
} from "./dialect.ts";
import { createRefs, type Refs } from "./refs.ts";

export type { SchemaFault };

interface State {
  readonly refs: Refs;
  members: number;
}

interface Place {
  readonly path: readonly string[];
  readonly depth: number;
  /** The checker loses its way behind a name with braces, and refuses what it must look up there. */
  readonly isLost: boolean;
}

const ROOT: Place = { path: [], depth: 0, isLost: false };

/**
 * Checks the parameters of a tool.
 *
 * @param schema A JSON Schema.
 * @returns The first fault; `undefined` if the service takes the schema.
 */
export function findSchemaFault(schema: JsonObject): SchemaFault | undefined {
  if (Object.keys(schema).length === 0) return undefined;
  if (schemaBytes(schema) > SCHEMA_LIMITS.bytes) {
    return fault(ROOT, `it is longer than ${SCHEMA_LIMITS.bytes} bytes`);
  }
  const refs = createRefs(schema);
  return checkNode(schema, ROOT, { refs, members: 0 }) ?? refs.findFault();
}

/** The size as Go's JSON encoder writes it: it escapes `<`, `>`, `&`, U+2028 and U+2029. */
function schemaBytes(schema: JsonObject): number {
  const json = JSON.stringify(schema);
  const short = json.match(/[<>&]/g)?.length ?? 0;
  const long = json.match(/[\u2028\u2029]/g)?.length ?? 0;
  return new TextEncoder().encode(json).length + 5 * short + 3 * long;
}

function fault({ path }: Place, reason: string): SchemaFault {
  return { path, reason };
}

function checkNode(node: JsonObject, place: Place, state: State): SchemaFault | undefined {
  if (place.depth > SCHEMA_LIMITS.depth) return fault(place, "it is nested too deeply");
  const reason = typeFault(node) ?? enumFault(node, place) ?? objectFault(node, place) ??
    anyOfFault(node, place) ?? annotationFault(node) ?? refFault(node, place, state);
  if (reason !== undefined) return fault(place, reason);
  if (isObject(node.properties)) {
    state.members += Object.keys(node.properties).length;
    if (state.members > SCHEMA_LIMITS.members) return fault(place, "it has too many members");
  }
  for (const [child, at] of children(node, place)) {
    const found = checkNode(child, at, state);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The schemas that the checker visits below a node. */
function children(node: JsonObject, place: Place): readonly (readonly [JsonObject, Place])[] {
  const below = (value: unknown, steps: readonly string[], deeper = 0) => {
    if (!isObject(value)) return [];
    const name = steps[1];
    const isLost = place.isLost || (name !== undefined && hasBraces(name));
    const at = { path: [...place.path, ...steps], depth: place.depth + deeper, isLost };
    return [[value, at] as const];
  };
  const named = (key: string, deeper: number) => {
    const value = own(node, key);
    return isObject(value)
      ? Object.entries(value).flatMap(([name, schema]) => below(schema, [key, name], deeper))
      : [];
  };
  const branches: readonly unknown[] = Array.isArray(node.anyOf) ? node.anyOf : [];
  return [
    ...named("$defs", 0),
    ...named("properties", 1),
    ...below(own(node, "items"), ["items"]),
    ...below(own(node, "additionalProperties"), ["additionalProperties"]),
    ...branches.flatMap((branch) => below(branch, ["anyOf"])),
  ];
}

function own(node: JsonObject, key: string): unknown {
  return Object.hasOwn(node, key) ? node[key] : undefined;
}

function has(node: JsonObject, key: string): boolean {
  return Object.hasOwn(node, key);
}

function typeFault(node: JsonObject): string | undefined {
  if (!has(node, "type")) return undefined;
  const { type } = node;
  if (has(node, "anyOf")) return "type stands beside anyOf";
  if (has(node, "$ref")) return "type stands beside $ref";
  if (!Array.isArray(type)) return TYPES.has(type) ? undefined : "type is not a known type";
  if (type.length === 0) return "type is an empty list";
  return type.every((each) => TYPES.has(each)) ? undefined : "type is not a list of known types";
}

function enumFault(node: JsonObject, { isLost }: Place): string | undefined {
  if (!has(node, "enum")) return undefined;
  const { enum: values, type } = node;
  if (!Array.isArray(values)) return "enum is not a list";
  if (values.length === 0) return "enum is empty";
  if (values.length > SCHEMA_LIMITS.enumValues) return "enum has too many values";
  if (isLost) return "enum stands behind a name with braces";
  return enumTypeFault(values, type);
}

function objectFault(node: JsonObject, { isLost }: Place): string | undefined {
  const { properties, required, additionalProperties, items } = node;
  const members = has(node, "properties") ? properties : {};
  if (!isObject(members)) return "properties is not an object";
  const wrong = Object.keys(members).find((name) => !isObject(members[name]));
  if (wrong !== undefined) return `the member "${wrong}" is not an object`;
  if (has(node, "required")) {
    if (!Array.isArray(required)) return "required is not a list";
    if (required.some((name) => typeof name !== "string")) return "required holds no name";
    if (required.length > 0 && isLost) return "required stands behind a name with braces";
    const gone = required.find((name) => !has(members, name));
    if (gone !== undefined) return `the required member "${gone}" is not in properties`;
  }
  if (has(node, "items") && !isObject(items)) return "items is not an object";
  if (!has(node, "additionalProperties") || typeof additionalProperties === "boolean") {
    return undefined;
  }
  return isObject(additionalProperties) ? undefined : "additionalProperties is not a schema";
}

function anyOfFault(node: JsonObject, { isLost }: Place): string | undefined {
  if (!has(node, "anyOf")) return undefined;
  const { anyOf } = node;
  if (!Array.isArray(anyOf)) return "anyOf is not a list";
  if (anyOf.length === 0 || anyOf.length > SCHEMA_LIMITS.branches) {
    return `anyOf has ${anyOf.length === 0 ? "no branch" : "too many branches"}`;
  }
  if (!anyOf.every(isObject)) return "a branch of anyOf is not an object";
  if (isLost) return "anyOf stands behind a name with braces";
  const twice = anyOf.flatMap(Object.keys).find((key) => key !== "anyOf" && isTwice(node, key));
  return twice === undefined ? undefined : `"${twice}" stands both beside anyOf and in a branch`;
}

function annotationFault(node: JsonObject): string | undefined {
  if (has(node, "description") && typeof node.description !== "string") {
    return "description is not a text";
  }
  for (const key of ["$id", "pattern"]) {
    if (!has(node, key) || node[key] === null) continue;
    if (typeof node[key] !== "string") return `${key} is not a text`;
  }
  if (!has(node, "$defs")) return undefined;
  if (!isObject(node.$defs)) return "$defs is not an object";
  for (const [name, schema] of Object.entries(node.$defs)) {
    if (name === "" || name.includes("/")) return `"${name}" cannot be the name of a definition`;
    if (!isObject(schema)) return `the definition "${name}" is not an object`;
    if (hasSlash(schema)) return `a name in the definition "${name}" holds "/"`;
  }
  return undefined;
}

function refFault(
  node: JsonObject,
  { isLost, depth }: Place,
  { refs }: State,
): string | undefined {
  if (!has(node, "$ref")) return undefined;
  const { $ref } = node;
  if (typeof $ref !== "string") return "$ref is not a text";
  if ($ref !== "#" && !/^#\/\$defs\/./.test($ref)) return "$ref does not point into $defs";
  if (isLost && $ref !== "#") return "$ref stands behind a name with braces";
  if (refs.resolve($ref) === undefined) return `there is nothing at ${$ref}`;
  const isTooDeep = depth + refs.depth($ref) > SCHEMA_LIMITS.depth;
  return isTooDeep ? "what $ref points to is nested too deeply" : undefined;
}
