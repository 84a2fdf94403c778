/** Writes what the references of a tool schema point to in their places, as kimi-code does. */

import { isObject, type JsonObject } from "../util/json.ts";

/** Where definitions lie. */
const BUCKETS = ["$defs", "definitions"];

/** A schema whose references repeat each other's targets without end is left as it is. */
const MAX_NODES = 10_000;
const MAX_DEPTH = 1_000;

/**
 * Inlines local references; members beside one win over those of its target. One that lies in its own
 * target stays, and then the definitions stay too.
 *
 * @see kimi-code 2.1.0 `packages/agent-core-v2/src/human/llm-kimi/schema.ts`
 */
export function inlineReferences(root: JsonObject): JsonObject {
  const copy = createCopy(root);
  const inlined = copy(root, new Set(), 0);
  if (!isObject(inlined)) return root;
  const kept = { ...inlined };
  for (const bucket of BUCKETS) if (!refersTo(inlined, bucket)) delete kept[bucket];
  return kept;
}

type Copy = (node: unknown, open: ReadonlySet<string>, depth: number) => unknown;

/** Creates the function that copies a node; its result is `undefined` for a schema that is too large. */
function createCopy(root: JsonObject): Copy {
  let nodes = 0;
  const copyMembers = (node: JsonObject, open: ReadonlySet<string>, depth: number): JsonObject => {
    const copy: Record<string, unknown> = { ...node };
    // If "__proto__" is a member, the spread has made it an own property.
    for (const key of Object.keys(copy)) copy[key] = copyNode(copy[key], open, depth + 1);
    return copy;
  };
  const copyNode: Copy = (node, open, depth) => {
    if (typeof node !== "object" || node === null) return node;
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) throw TOO_LARGE;
    if (Array.isArray(node)) return node.map((each) => copyNode(each, open, depth + 1));
    if (!isObject(node) || typeof node.$ref !== "string") {
      return copyMembers(Object(node), open, depth);
    }
    const { $ref, ...siblings } = node;
    const found = open.has($ref) ? undefined : resolve(root, $ref);
    if (found === undefined) return node;
    const target = copyNode(found.value, new Set([...open, $ref]), depth + 1);
    return isObject(target) ? { ...target, ...copyMembers(siblings, open, depth) } : target;
  };
  return (node, open, depth) => {
    try {
      return copyNode(node, open, depth);
    } catch (error) {
      if (error === TOO_LARGE) return undefined;
      throw error;
    }
  };
}

const TOO_LARGE = new RangeError("the schema is too large to inline");

function resolve(root: JsonObject, ref: string): { readonly value: unknown } | undefined {
  if (ref === "#") return { value: root };
  if (!ref.startsWith("#/")) return undefined;
  let value: unknown = root;
  for (const part of ref.slice(2).split("/")) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    const isIndex = !Array.isArray(value) || /^(?:0|[1-9]\d*)$/.test(key);
    if (typeof value !== "object" || value === null || !isIndex || !Object.hasOwn(value, key)) {
      return undefined;
    }
    value = Object(value)[key];
  }
  return { value };
}

function refersTo(node: unknown, bucket: string): boolean {
  if (Array.isArray(node)) return node.some((each) => refersTo(each, bucket));
  if (!isObject(node)) return false;
  if (typeof node.$ref === "string" && node.$ref.startsWith(`#/${bucket}/`)) return true;
  return Object.entries(node).some(([key, value]) => key !== bucket && refersTo(value, bucket));
}
