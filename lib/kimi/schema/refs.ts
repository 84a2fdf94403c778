/** References of a schema: what they point to, and whether the service takes them. */

import { isObject, type JsonObject } from "../util/json.ts";
import { isTwice, type SchemaFault } from "./dialect.ts";

/** The references of one schema. */
export interface Refs {
  /** The schema that `#` or `#/$defs/…` points to, if there is one. */
  readonly resolve: (ref: string) => JsonObject | undefined;
  /** How many members lie within each other below what a reference points to. */
  readonly depth: (ref: string) => number;
  /** Finds a reference that conflicts with its place, or that never ends. */
  readonly findFault: () => SchemaFault | undefined;
}

/** Schemas that refer to each other in circles have too many ways through them to try all. */
const MAX_STEPS = 20_000;

/** The references of a schema. */
export function createRefs(root: JsonObject): Refs {
  const resolve = (ref: string) => resolveRef(root, ref);
  return {
    resolve,
    depth: createDepth(resolve),
    findFault: () => findFault(root, [], !ends(root, new Set(), resolve), resolve),
  };
}

function resolveRef(root: JsonObject, ref: string): JsonObject | undefined {
  if (ref === "#") return root;
  if (!ref.startsWith("#/$defs/")) return undefined;
  let current: unknown = root;
  for (const step of ref.slice("#/".length).split("/")) {
    if (!isObject(current) || !Object.hasOwn(current, step)) return undefined;
    current = current[step];
  }
  return isObject(current) ? current : undefined;
}

type Resolve = Refs["resolve"];

function createDepth(resolve: Resolve): (ref: string) => number {
  const known = new Map<string, number>();
  let steps = 0;
  const ofRef = (ref: unknown, seen: ReadonlySet<string>): number => {
    if (typeof ref !== "string" || seen.has(ref)) return 0;
    const target = resolve(ref);
    return target === undefined ? 0 : ofSchema(target, new Set([...seen, ref]));
  };
  const ofSchema = (schema: JsonObject, seen: ReadonlySet<string>): number => {
    if (++steps > MAX_STEPS) return 0;
    const below = (value: unknown) => isObject(value) ? ofSchema(value, seen) : 0;
    const members = isObject(schema.properties) ? Object.values(schema.properties) : undefined;
    const branches: readonly unknown[] = Array.isArray(schema.anyOf) ? schema.anyOf : [];
    return Math.max(
      ofRef(schema.$ref, seen),
      members === undefined ? 0 : Math.max(1, ...members.map((member) => 1 + below(member))),
      ...branches.map(below),
      below(schema.additionalProperties),
    );
  };
  return (ref) => {
    steps = 0;
    const depth = known.get(ref) ?? ofRef(ref, new Set());
    known.set(ref, depth);
    return depth;
  };
}

/** Visits every object but those of `$defs`, as the checker does, unknown keywords included. */
function findFault(
  schema: JsonObject,
  path: readonly string[],
  mustEnd: boolean,
  resolve: Resolve,
): SchemaFault | undefined {
  if (Object.hasOwn(schema, "$ref")) {
    const reason = placeFault(schema, path, mustEnd, resolve);
    if (reason !== undefined) return { path, reason };
  }
  for (const [key, value] of Object.entries(schema)) {
    if (key === "$defs") continue;
    const isFree = key === "additionalProperties" ||
      (key === "properties" && Array.isArray(schema.required) && schema.required.length === 0);
    const inside: readonly unknown[] = key === "anyOf" && Array.isArray(value) ? value : [value];
    for (const each of inside) {
      if (!isObject(each)) continue;
      const found = findFault(each, [...path, key], mustEnd && !isFree, resolve);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function placeFault(
  schema: JsonObject,
  path: readonly string[],
  mustEnd: boolean,
  resolve: Resolve,
): string | undefined {
  if (typeof schema.$ref !== "string") return "$ref is not a text";
  const target = expand(schema.$ref, resolve);
  if (target === undefined) return `there is nothing at ${schema.$ref}`;
  const { $ref: _, ...siblings } = schema;
  const branches: readonly unknown[] = Array.isArray(target.anyOf) ? target.anyOf : [];
  const inside = [target, ...branches.filter(isObject)];
  const twice = Object.keys(siblings).find((key) => inside.some((each) => isTwice(each, key)));
  if (twice !== undefined) return `"${twice}" stands both beside $ref and in what it points to`;
  const has = Object.hasOwn;
  if (
    (has(schema, "type") && has(target, "anyOf")) || (has(target, "type") && has(schema, "anyOf"))
  ) {
    return "type and anyOf meet where $ref stands";
  }
  if (mustEnd && !ends(target, new Set(), resolve)) return "what $ref points to never ends";
  const [parent, last = ""] = path.slice(-2).length === 2 ? path.slice(-2) : ["", ...path];
  const isAllowed = path.length <= 1 || parent === "properties" ||
    last === "items" || last === "additionalProperties" || last.startsWith("anyOf");
  return isAllowed ? undefined : "$ref is not allowed here";
}

/** Follows a chain of references, as long as nothing but a title or a description is beside them. */
function expand(ref: string, resolve: Resolve): JsonObject | undefined {
  const seen = new Set([ref]);
  let target = resolve(ref);
  let kept: JsonObject = {};
  while (target !== undefined && typeof target.$ref === "string") {
    const keys = Object.keys(target).filter((key) => key !== "$ref" && isTwice(target!, key));
    if (keys.length > 0 || seen.has(target.$ref)) break;
    seen.add(target.$ref);
    const { $ref, ...annotations } = target;
    kept = { ...annotations, ...kept };
    target = resolve($ref);
  }
  return target && { ...target, ...kept };
}

/** Whether a value of the schema can be finite, as far as the checker can tell. */
function ends(schema: JsonObject, seen: Set<string>, resolve: Resolve): boolean {
  const types: readonly unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type];
  const hasType = Object.hasOwn(schema, "type");
  if (hasType && types.some((type) => type !== "object" && type !== "array")) return true;
  const type = hasType ? types.at(-1) : undefined;
  if (type === "array") {
    const { items } = schema;
    if (!isObject(items) || Object.keys(items).length === 0) return true;
    if (ends(items, seen, resolve)) return true;
  }
  if (type === "object") {
    const { required, properties } = schema;
    if (!Array.isArray(required) || required.length === 0) return true;
    if (!isObject(properties) || Object.keys(properties).length === 0) return true;
    const needed = Object.entries(properties).filter(([name]) => required.includes(name));
    if (needed.some(([, member]) => isObject(member) && ends(member, seen, resolve))) return true;
  }
  if (Array.isArray(schema.anyOf)) {
    const branches = schema.anyOf.filter(isObject);
    if (branches.some((branch) => ends(branch, new Set(seen), resolve))) return true;
  }
  if (typeof schema.$ref === "string") {
    if (seen.has(schema.$ref)) return false;
    seen.add(schema.$ref);
    const target = resolve(schema.$ref);
    return target !== undefined && ends(target, seen, resolve);
  }
  return Object.keys(schema).length === 0;
}
