/** Definitions and references of a schema that is being repaired. */

import { isObject, type JsonObject } from "../util/json.ts";
import { DATA } from "./dialect.ts";

/** A reference that the service takes, and what it points to. */
export interface Reference {
  readonly $ref: string;
  readonly target: JsonObject;
}

/** Collects what the references of a schema point to. */
export interface Definitions {
  /**
   * Finds what a reference means.
   *
   * @param ref The reference as it is written.
   * @param scope Schemas around the reference, the innermost first.
   */
  readonly find: (ref: string, scope: readonly JsonObject[]) => Reference | undefined;
  /** Takes the next definition that was found and is not repaired yet. */
  readonly next: () => readonly [name: string, schema: JsonObject] | undefined;
}

const HOLDERS = ["$defs", "definitions"];

/** The definitions of a schema; those of its own `$defs` keep their names. */
export function createDefinitions(root: JsonObject): Definitions {
  const names = new Map<JsonObject, string>();
  const taken = new Set<string>();
  const waiting: (readonly [string, JsonObject])[] = [];
  const everywhere = schemasBelow(root);

  const add = (target: JsonObject, name: string) => {
    names.set(target, name);
    taken.add(name);
    waiting.push([name, target]);
  };
  for (const [name, schema] of Object.entries(membersOf(root, "$defs"))) {
    if (isName(name) && isObject(schema)) add(schema, name);
  }

  const nameOf = (target: JsonObject, wanted: string): string => {
    const known = names.get(target);
    if (known !== undefined) return known;
    const base = wanted.replace(/[^A-Za-z0-9_.-]+/g, "_").slice(0, 60) || "Definition";
    let name = base;
    for (let number = 2; taken.has(name); number++) name = `${base}_${number}`;
    add(target, name);
    return name;
  };

  return {
    next: () => waiting.shift(),
    find(ref, scope) {
      if (ref === "#" || ref === "#/") return { $ref: "#", target: root };
      const found = pointed(root, ref) ?? named([...scope, root, ...everywhere], ref);
      if (found === undefined) return undefined;
      const [target, name] = found;
      if (target === root) return { $ref: "#", target };
      return { $ref: `#/$defs/${nameOf(target, name)}`, target };
    },
  };
}

function isName(name: string): boolean {
  return /^[^/%{}~]+$/.test(name);
}

function membersOf(schema: JsonObject, key: string): JsonObject {
  const value = Object.hasOwn(schema, key) ? schema[key] : undefined;
  return isObject(value) ? value : {};
}

/** Follows a JSON pointer from the root (RFC 6901 §6). */
function pointed(root: JsonObject, ref: string): readonly [JsonObject, string] | undefined {
  if (!ref.startsWith("#/")) return undefined;
  const steps = ref.slice(2).split("/").map(decoded);
  let current: unknown = root;
  for (const step of steps) {
    if (Array.isArray(current)) current = current[Number(step)];
    else if (isObject(current) && Object.hasOwn(current, step)) current = current[step];
    else return undefined;
  }
  if (typeof current === "boolean") return [{}, steps.at(-1) ?? ""];
  return isObject(current) ? [current, steps.at(-1) ?? ""] : undefined;
}

function decoded(step: string): string {
  const plain = step.replaceAll("~1", "/").replaceAll("~0", "~");
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

/** Finds a definition by its name, or a schema by its `$id` or anchor. */
function named(
  schemas: readonly JsonObject[],
  ref: string,
): readonly [JsonObject, string] | undefined {
  const last = decoded(ref.split(/[#/]/).at(-1) ?? "");
  for (const schema of schemas) {
    if ([schema.$id, schema.id].includes(ref) || `#${schema.$anchor}` === ref) {
      return [schema, last];
    }
    if (last === "" || /^[a-z]+:\/\//.test(ref)) continue;
    for (const holder of HOLDERS) {
      const members = membersOf(schema, holder);
      const found = Object.hasOwn(members, last) ? members[last] : undefined;
      if (isObject(found)) return [found, last];
    }
  }
  return undefined;
}

function schemasBelow(root: JsonObject): readonly JsonObject[] {
  const found: JsonObject[] = [];
  const visit = (value: unknown) => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isObject(value)) return;
    found.push(value);
    for (const [key, inner] of Object.entries(value)) if (!DATA.has(key)) visit(inner);
  };
  visit(root);
  return found;
}
