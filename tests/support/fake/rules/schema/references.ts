import { isObject, type Json, list } from "../body.ts";

/** Whether a keyword only speaks to readers; such keywords may stand twice. */
export function isComment(keyword: string): boolean {
  return keyword === "title" || keyword === "description";
}

/** The schema that a reference leads to; names are taken as they are, without decoding. */
export function resolve(root: Json, reference: string): Json | undefined {
  if (reference === "#") return root;
  if (!reference.startsWith("#/$defs/")) return undefined;
  let at: unknown = root;
  for (const step of reference.slice(2).split("/")) {
    if (!isObject(at) || !Object.hasOwn(at, step)) return undefined;
    at = at[step];
  }
  return isObject(at) ? at : undefined;
}

/** Follows a reference through definitions that are only a reference themselves. */
function expand(root: Json, reference: string): Json | undefined {
  const followed = new Set<string>();
  let comments: Json = {};
  let next = reference;
  for (;;) {
    followed.add(next);
    const target = resolve(root, next);
    if (target === undefined) return undefined;
    const { $ref, ...rest } = target;
    const whole = { ...target, ...comments };
    if (($ref ?? null) === null || !Object.keys(rest).every(isComment)) return whole;
    if (typeof $ref !== "string") return undefined;
    if (followed.has($ref)) return whole;
    comments = { ...rest, ...comments };
    next = $ref;
  }
}

function membersEnd(root: Json, node: Json, followed: Set<string>): boolean {
  const { properties } = node;
  const required = node.required ?? [];
  if (list(required).length === 0 && Array.isArray(required)) return true;
  if (!isObject(properties) || Object.keys(properties).length === 0) return true;
  return list(required).some((name) => {
    const member = properties[String(name)];
    return isObject(member) && ends(root, member, followed);
  });
}

/**
 * Whether some value of a schema ends, as the service works it out: a schema without type ends
 * only if it is empty, and one required member that ends is enough for its object.
 */
function ends(root: Json, node: Json, followed: Set<string>): boolean {
  const types = Array.isArray(node.type) ? node.type : [node.type];
  if (types.some((one) => typeof one === "string" && one !== "object" && one !== "array")) {
    return true;
  }
  const kind: unknown = types.at(-1);
  if (kind === "array") {
    const items = node.items ?? {};
    if (isObject(items) && ends(root, items, followed)) return true;
  }
  if (kind === "object" && membersEnd(root, node, followed)) return true;
  if (list(node.anyOf).some((branch) => isObject(branch) && ends(root, branch, followed))) {
    return true;
  }
  const { $ref } = node;
  if (typeof $ref !== "string") return Object.keys(node).length === 0;
  const target = followed.has($ref) ? undefined : resolve(root, $ref);
  followed.add($ref);
  return target !== undefined && ends(root, target, followed);
}

function shared(one: Json, other: Json): string | undefined {
  return Object.keys(one).find((key) =>
    key !== "$ref" && !isComment(key) && Object.hasOwn(other, key)
  );
}

/** Below these a reference is known; elsewhere only right below the root or as a property. */
function isPlaceOfReference(path: readonly string[]): boolean {
  const last = path.at(-1) ?? "";
  return path.length < 2 || path.at(-2) === "properties" || last === "items" ||
    last === "additionalProperties" || last.startsWith("anyOf");
}

/** MoonshotAI/kimi-cli#2061: a keyword beside $ref that its definition has too. */
function faultOf(root: Json, node: Json, path: readonly string[]): string | undefined {
  const { $ref } = node;
  if (typeof $ref !== "string" && $ref !== null) return "$ref: it must be a text";
  const target = $ref === null ? node : expand(root, $ref);
  if (target === undefined) return `$ref: ${$ref} leads nowhere`;
  const twice = shared(node, target);
  if (twice !== undefined) return `$ref: ${twice} stands beside it and in its definition`;
  if (Object.hasOwn(node, "anyOf") && Object.hasOwn(target, "type")) {
    return "$ref: its definition has a type, which may not stand beside anyOf";
  }
  for (const branch of list(target.anyOf)) {
    const { anyOf: _, ...rest } = node;
    const key = isObject(branch) ? shared(rest, branch) : undefined;
    if (key !== undefined) return `$ref: ${key} stands beside it and in a branch of its definition`;
  }
  return isPlaceOfReference(path) ? undefined : "$ref: it may not stand here";
}

/** A fault of the references, and where it lies. */
export interface ReferenceFault {
  readonly path: readonly string[];
  readonly reason: string;
}

interface Search {
  readonly root: Json;
  readonly node: Json;
  readonly path: readonly string[];
  /** Whether a definition that never ends is refused here. */
  readonly mustEnd: boolean;
}

function search({ root, node, path, mustEnd }: Search): ReferenceFault | undefined {
  if (Object.hasOwn(node, "$ref")) {
    const reason = faultOf(root, node, path);
    if (reason !== undefined) return { path, reason };
    const target = typeof node.$ref === "string" ? expand(root, node.$ref) : node;
    if (mustEnd && !(target && ends(root, target, new Set()))) {
      return { path, reason: "$ref: its values never end" };
    }
  }
  const { required } = node;
  for (const [key, value] of Object.entries(node)) {
    if (key === "$defs") continue;
    const optional = key === "additionalProperties" ||
      (key === "properties" && Array.isArray(required) && required.length === 0);
    for (const schema of key === "anyOf" ? [value].flat() : [value]) {
      if (!isObject(schema)) continue;
      const below = { root, node: schema, path: [...path, key], mustEnd: mustEnd && !optional };
      const fault = search(below);
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

/**
 * What the service refuses in the references. It looks for them below every keyword but `$defs`,
 * and takes the names of properties for keywords too: a property called `$ref` is refused.
 */
export function referenceFault(root: Json): ReferenceFault | undefined {
  return search({ root, node: root, path: [], mustEnd: !ends(root, root, new Set()) });
}

/** How many `properties` lie below each definition, and below each schema within it. */
export function definitionDepths(root: Json): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  // References that lead to each other have too many ways between them to walk them all.
  let steps = 20_000;
  const measure = (node: unknown, at: string, followed: ReadonlySet<string>): number => {
    if (!isObject(node) || Object.keys(node).length === 0 || steps-- < 0) return 0;
    const { $ref } = node;
    const found = [0];
    let above = followed;
    if (typeof $ref === "string" && !followed.has($ref)) {
      above = new Set([...followed, $ref]);
      found.push(measure(resolve(root, $ref), $ref, above));
    }
    for (const [name, schema] of Object.entries(isObject(node.properties) ? node.properties : {})) {
      found.push(1 + measure(schema, `${at}/properties/${name}`, above));
    }
    for (const [index, branch] of list(node.anyOf).entries()) {
      found.push(measure(branch, `${at}/anyOf/${index}`, above));
    }
    found.push(measure(node.additionalProperties, `${at}/additionalProperties`, above));
    depths.set(at, Math.max(depths.get(at) ?? 0, ...found));
    return Math.max(...found);
  };
  for (const [name, schema] of Object.entries(isObject(root.$defs) ? root.$defs : {})) {
    measure(schema, `#/$defs/${name}`, new Set());
  }
  return depths;
}
