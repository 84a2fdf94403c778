/** Converts tools to kimi-cli's form and estimates their tokens. */

import { toWireName } from "../chat/tool_names.ts";
import { KimiError } from "../errors/kimi_error.ts";
import type { SchemaFault } from "../schema/dialect.ts";
import { repairSchema } from "../schema/repair.ts";
import { isObject, type JsonObject, printable } from "../util/json.ts";
import { estimateTokens } from "./token_budget.ts";
import { completeToolSchema, EMPTY_SCHEMA_JSON } from "./tool_schema.ts";

/** The most tools that the service accepts in a request. Source: the API's error reference. */
export const MAX_TOOLS = 128;

/** A converted tool and its estimated tokens. */
export interface ConvertedTool {
  /** The tool in kimi-cli's form. */
  readonly tool: unknown;
  /** Estimated tokens of its name, description and parameters. */
  readonly tokens: number;
  /** The name that the service accepts, if the tool's own is another. */
  readonly wireName?: string;
}

/**
 * Converts a tool of an OpenAI-shaped request to kimi-cli's form and completes its parameters.
 * Members that kimi-cli does not send, such as `strict`, are left out. A tool whose name begins with
 * `$` is one of the service's own: only its name is sent. A tool of an unknown shape is returned as
 * it is.
 *
 * A name or parameters that the service would refuse are written in a form that it accepts.
 *
 * Nothing is shared with the input or with the result of another call.
 *
 * @throws {KimiError} `invalid_request` if nothing makes the service accept the parameters.
 * @see kosong 0.56.0 `chat_provider/kimi.py`: `_convert_tool`
 * @see kimi-cli 1.51.0 `llm.py`: `_estimate_tool_tokens`
 * @example
 * ```ts
 * import { convertTool } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const { tool } = convertTool({ type: "function", function: { name: "ls", description: "List" } });
 * assertEquals(tool, {
 *   type: "function",
 *   function: { name: "ls", description: "List", parameters: { type: "object", properties: {} } },
 * });
 * ```
 */
export function convertTool(tool: unknown): ConvertedTool {
  const converted = convertOnce(tool);
  return { ...converted, tool: converted.tool === tool ? tool : structuredClone(converted.tool) };
}

/** Converts a tool; the same tool gives the same object, which nobody may write to. */
export function convertOnce(tool: unknown): ConvertedTool {
  if (!isObject(tool) || !isObject(tool.function) || typeof tool.function.name !== "string") {
    return { tool, tokens: 0 };
  }
  const { name, parameters } = tool.function;
  const description = typeof tool.function.description === "string"
    ? tool.function.description
    : "";
  const json = isObject(parameters) ? JSON.stringify(parameters) : EMPTY_SCHEMA_JSON;
  let known = knownTools.get(name);
  if (known === undefined || !isEqual(known.json, json) || !isEqual(known.text, description)) {
    known = examine(name, description, json);
    if (knownTools.size >= MAX_KNOWN_TOOLS) knownTools.clear();
    knownTools.set(name, known);
  }
  return known.result;
}

/** What is known of a tool. */
interface KnownTool {
  /** The description. */
  readonly text: string;
  /** The parameters. */
  readonly json: string;
  readonly result: ConvertedTool;
}

/** opencode builds the same tools anew for each request: examining them once is enough. */
const knownTools = new Map<string, KnownTool>();
const MAX_KNOWN_TOOLS = 512;

/** Faster than `===`, which JavaScriptCore compiles to a loop over the characters. */
function isEqual(first: string, second: string): boolean {
  return first.length === second.length && first.startsWith(second);
}

function examine(name: string, text: string, json: string): KnownTool {
  const tokens = estimateTokens(json) + estimateTokens(name) + estimateTokens(text);
  const wireName = toWireName(name);
  const tool = convert(name, wireName.toWellFormed(), text, json);
  return { text, json, result: { tool, tokens, ...(wireName === name ? {} : { wireName }) } };
}

function convert(given: string, name: string, text: string, json: string): JsonObject {
  if (given.startsWith("$")) return { type: "builtin_function", function: { name } };
  const wellFormed = LONE_SURROGATE.test(json) ? withoutLoneSurrogates(json) : json;
  const result = repairSchema(completeToolSchema(JSON.parse(wellFormed)));
  if ("fault" in result) throw new KimiError("invalid_request", unfit(given, result.fault));
  const description = text.toWellFormed();
  return { type: "function", function: { name, description, parameters: result.schema } };
}

function unfit(name: string, { path, reason }: SchemaFault): string {
  const place = path.length === 0 ? "its parameters" : `its parameters at ${path.join(".")}`;
  return `Kimi refuses the tool "${printable(name)}": ${
    printable(place)
  }: ${reason}. Disable the tool, ` +
    'for instance its MCP server, under "tools" in opencode.json';
}

/** JSON.stringify escapes only surrogates that stand alone. */
const LONE_SURROGATE = /\\ud[89a-f]/;

function withoutLoneSurrogates(json: string): string {
  return json.replace(/(\\\\)|\\ud[89a-f]../g, (_, escaped) => escaped ?? "\ufffd");
}
