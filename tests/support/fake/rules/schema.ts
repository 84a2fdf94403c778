import { isObject, type Json, list } from "./body.ts";

// Where kimi-cli looks for property schemas, and which keywords can replace `type`
// (kosong 0.56.0, utils/jsonschema.py); $defs is not visited.
const COMBINATORS = ["anyOf", "oneOf", "allOf", "not", "if", "then", "else", "$ref"];
const BRANCHES = ["anyOf", "oneOf", "allOf"];

type Place = readonly [path: string, schema: unknown];

function children(node: Json): readonly Place[] {
  const properties = isObject(node.properties) ? Object.entries(node.properties) : [];
  const items = Array.isArray(node.items) ? node.items : [node.items];
  return [
    ...properties.map(([name, schema]): Place => [`properties.${name}`, schema]),
    ...items.map((schema): Place => ["items", schema]),
    ["additionalProperties", node.additionalProperties],
    ...BRANCHES.flatMap((key) => list(node[key]).map((schema): Place => [key, schema])),
  ];
}

function untyped(node: Json, path: string): string | undefined {
  for (const [step, schema] of children(node)) {
    if (!isObject(schema)) continue;
    const at = path === "" ? step : `${path}.${step}`;
    if (!("type" in schema) && !COMBINATORS.some((key) => key in schema)) return at;
    const below = untyped(schema, at);
    if (below !== undefined) return below;
  }
  return undefined;
}

/** Returns the path of the first schema below the root without a type. */
export function findUntyped(parameters: unknown): string | undefined {
  return isObject(parameters) ? untyped(parameters, "") : undefined;
}
