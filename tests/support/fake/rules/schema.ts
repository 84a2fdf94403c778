import { isObject, type Json } from "./body.ts";
import { inner, nodeFault, type Place } from "./schema/node.ts";
import { definitionDepths, referenceFault } from "./schema/references.ts";

// MoonshotAI/kimi-code#965 and MoonshotAI/kimi-cli#2475 report the limit of the size; the others
// follow from verdicts like those in tests/data/schema-checker.
const MAX_BYTES = 120_000;
const MAX_MEMBERS = 3000;
const MAX_LEVELS = 30;

/** Why the service would refuse a schema, and where it lies: "root", or keywords and names. */
export interface SchemaFault {
  readonly path: string;
  readonly reason: string;
}

/** Bytes as the service counts them: these characters are escaped, with six bytes each. */
function sizeOf(schema: Json): number {
  const text = JSON.stringify(schema).replace(/[<>&\u2028\u2029]/g, "\\u0000");
  return new TextEncoder().encode(text).length;
}

function fault(path: readonly string[], reason: string): SchemaFault {
  return { path: path.join(".") || "root", reason };
}

function walk(root: Json): SchemaFault | undefined {
  const depths = definitionDepths(root);
  const pending: Place[] = [{ root, node: root, path: [], level: 0 }];
  let members = 0;
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    const { node, path, level } = place;
    const reason = nodeFault(place);
    if (reason !== undefined) return fault(path, reason);
    if (level + (depths.get(String(node.$ref)) ?? 0) > MAX_LEVELS) {
      return fault(path, `more than ${MAX_LEVELS} levels of properties`);
    }
    members += isObject(node.properties) ? Object.keys(node.properties).length : 0;
    if (members > MAX_MEMBERS) return fault([], `more than ${MAX_MEMBERS} properties`);
    pending.push(...inner(place));
  }
  return undefined;
}

/**
 * Why the service would refuse the parameters of a tool; undefined if it takes them. The rules
 * are those of "moonshot flavored json schema", as the errors of the service and the verdicts in
 * tests/data/schema-checker show them.
 */
export function findSchemaFault(parameters: unknown): SchemaFault | undefined {
  if (!isObject(parameters)) return fault([], "the parameters are not a schema");
  if (sizeOf(parameters) > MAX_BYTES) return fault([], `larger than ${MAX_BYTES} bytes`);
  const found = walk(parameters);
  if (found !== undefined) return found;
  const reference = referenceFault(parameters);
  return reference && fault(reference.path, reference.reason);
}
