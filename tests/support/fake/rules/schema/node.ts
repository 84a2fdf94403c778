import { isObject, type Json, list } from "../body.ts";
import { isComment, resolve } from "./references.ts";

/** A schema that the service looks at, and how it is reached. */
export interface Place {
  readonly root: Json;
  readonly node: Json;
  readonly path: readonly string[];
  /** How many `properties` lie above it. */
  readonly level: number;
}

type Rule = (value: unknown, place: Place) => string | undefined;

const MAX_VALUES = 1000;
const MAX_BRANCHES = 500;
const SCALARS = ["string", "number", "integer", "boolean"];
const TYPES: readonly unknown[] = [...SCALARS, "null", "array", "object"];

/** The service fails to look up a schema below such a name. */
const BRACES = /\{.*\}|\}.*\{/s;
const LOST = "a name above it holds braces";

function isLost({ path }: Place): boolean {
  return path.some((step) => BRACES.test(step));
}

function has(node: Json, key: string): boolean {
  return Object.hasOwn(node, key);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? undefined : "it must be a text";
}

function textOrNull(value: unknown): string | undefined {
  return value === null ? undefined : text(value);
}

/** MoonshotAI/kimi-cli#2531 (beside anyOf), router-for-me/CLIProxyAPI#5316 (beside $ref). */
function type(value: unknown, { node }: Place): string | undefined {
  const types = Array.isArray(value) ? value : [value];
  if (types.length === 0 || !types.every((one) => TYPES.includes(one))) return "unknown type";
  if (has(node, "anyOf")) return "a type may not stand beside anyOf: move it into the branches";
  if (has(node, "$ref")) return "a type may not stand beside $ref: move it into the definition";
  if (types.length === 1 || !has(node, "enum")) return undefined;
  const nested = types.find((one) => one === "array" || one === "object");
  return nested && `enum may not stand beside the type ${nested} in a list of types`;
}

/** can1357/oh-my-pi#5952: `true` as a property. */
function properties(value: unknown): string | undefined {
  if (!isObject(value)) return "it must be an object";
  const odd = Object.entries(value).find(([, schema]) => !isObject(schema));
  return odd && `the property ${odd[0]} is not a schema`;
}

function required(value: unknown, place: Place): string | undefined {
  if (!Array.isArray(value)) return "it must be a list";
  if (value.length === 0) return undefined;
  if (isLost(place)) return LOST;
  const { properties } = place.node;
  const known = isObject(properties) ? properties : {};
  const unknown = value.find((name) => typeof name !== "string" || !has(known, name));
  return unknown === undefined ? undefined : `${JSON.stringify(unknown)} is not among properties`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** The types are tried in turn, and a type of numbers refuses any other value at once. */
function fits(value: unknown, types: readonly unknown[]): boolean {
  const kind = kindOf(value);
  for (const type of types) {
    if (type === "integer") return Number.isInteger(value);
    if (type === "number") return kind === "number";
    if (type === kind) return true;
  }
  return false;
}

/** earendil-works/pi#4138: enum without type. */
function values(value: unknown, place: Place): string | undefined {
  if (!Array.isArray(value)) return "it must be a list";
  if (value.length === 0) return "it has no values";
  if (value.length > MAX_VALUES) return `it has more than ${MAX_VALUES} values`;
  if (isLost(place)) return LOST;
  if (!has(place.node, "type")) return "type is not defined";
  const { type } = place.node;
  const types = Array.isArray(type) ? type : [type];
  if (types.length > 1) {
    const other = types.find((one) => one !== "null");
    if (types.length > 2 || !types.includes("null") || !SCALARS.includes(other)) {
      return "beside enum a list of types may only hold null and one simple type";
    }
  }
  const odd = value.find((one) => !fits(one, types));
  return odd === undefined ? undefined : `the value ${JSON.stringify(odd)} is not of its type`;
}

/** CommandCodeAI/command-code#594: a reference to another place than $defs. */
function reference(value: unknown, place: Place): string | undefined {
  if (typeof value !== "string") return "it must be a text";
  if (value === "#") return undefined;
  if (!value.startsWith("#/$defs/")) return "a reference must lead to #/$defs/";
  if (isLost(place)) return LOST;
  return resolve(place.root, value) ? undefined : `${value} leads nowhere`;
}

/** MoonshotAI/kimi-cli#2061 reports the same rule for definitions. */
function branches(value: unknown, place: Place): string | undefined {
  const count = list(value).length;
  if (count === 0 || count > MAX_BRANCHES) return `it must be a list of 1 to ${MAX_BRANCHES}`;
  if (isLost(place)) return LOST;
  for (const branch of list(value)) {
    if (!isObject(branch)) return "a branch is not a schema";
    const twice = Object.keys(branch).find((key) =>
      key !== "anyOf" && !isComment(key) && has(place.node, key)
    );
    if (twice !== undefined) return `${twice} stands beside it and in a branch`;
  }
  return undefined;
}

function hasSlash(schema: Json): boolean {
  return Object.entries(schema).some(([key, value]) =>
    key.includes("/") || [value].flat().some((inner) => isObject(inner) && hasSlash(inner))
  );
}

function definitions(value: unknown): string | undefined {
  if (!isObject(value)) return "it must be an object";
  for (const [name, schema] of Object.entries(value)) {
    if (name === "") return "a definition has no name";
    if (!isObject(schema)) return `the definition ${name} is not a schema`;
  }
  return hasSlash(value) ? "a name in it holds a slash" : undefined;
}

const RULES: readonly (readonly [keyword: string, rule: Rule])[] = [
  ["$defs", definitions],
  ["type", type],
  ["properties", properties],
  ["required", required],
  ["enum", values],
  ["items", (value) => isObject(value) ? undefined : "it must be one schema"],
  [
    "additionalProperties",
    (value) =>
      isObject(value) || typeof value === "boolean"
        ? undefined
        : "it must be a schema or a boolean",
  ],
  ["anyOf", branches],
  ["$ref", reference],
  ["description", text],
  ["$id", textOrNull],
  ["pattern", textOrNull],
];

/** What the service refuses in one schema, its inner schemas left out. */
export function nodeFault(place: Place): string | undefined {
  for (const [keyword, rule] of RULES) {
    const fault = has(place.node, keyword) ? rule(place.node[keyword], place) : undefined;
    if (fault === "type is not defined") return fault;
    if (fault !== undefined) return `${keyword}: ${fault}`;
  }
  return undefined;
}

/** The schemas right below one; the service looks nowhere else. */
export function inner({ root, node, path, level }: Place): readonly Place[] {
  const below = (steps: readonly string[], schema: unknown, deeper = 0): readonly Place[] =>
    isObject(schema)
      ? [{ root, node: schema, path: [...path, ...steps], level: level + deeper }]
      : [];
  const named = (key: string, deeper: number) => {
    const schemas = node[key];
    if (!isObject(schemas)) return [];
    return Object.entries(schemas).flatMap(([name, schema]) => below([key, name], schema, deeper));
  };
  return [
    ...named("$defs", 0),
    ...named("properties", 1),
    ...below(["items"], node.items),
    ...below(["additionalProperties"], node.additionalProperties),
    ...list(node.anyOf).flatMap((branch, index) => below(["anyOf", String(index)], branch)),
  ];
}
