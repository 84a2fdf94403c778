/**
 * Tools as kimi-cli writes them, and how many tokens they are taken for.
 *
 * @see kosong 0.56.0 `chat_provider/kimi.py`: `_convert_tool`
 * @see kimi-cli 1.51.0 `llm.py`: `_estimate_tool_tokens`
 * @module
 */

import { estimateTokens } from "./token_budget.ts";
import { isObject } from "../util/json.ts";
import { completeToolSchema, NO_PARAMETERS } from "./tool_schema.ts";

/**
 * The service takes no more. Source: the API's error reference.
 *
 * @example
 * ```ts
 * import { chatBody, KimiError, MAX_TOOLS } from "@kimi/full";
 * import { assertThrows } from "@std/assert";
 *
 * const tools = Array.from({ length: MAX_TOOLS + 1 }, (_, index) => ({
 *   type: "function",
 *   function: { name: `tool_${index}` },
 * }));
 * const context = { contextLength: 0, settings: { problems: [] }, userKeys: [], answered: new Map() };
 * assertThrows(() => chatBody({ messages: [], tools }, context), KimiError, "128");
 * ```
 */
export const MAX_TOOLS = 128;

/** A tool as it is sent, and its estimated tokens. */
export interface ConvertedTool {
  /** The tool. */
  readonly tool: unknown;
  /** Estimated tokens of its name, description and parameters. */
  readonly tokens: number;
}

/**
 * Converts one tool. Members that kimi-cli does not send, such as `strict`, are left out; of one whose
 * name begins with `$`, the service's own, all but the name.
 *
 * @param tool A tool of an OpenAI-shaped request.
 * @returns The tool with complete parameters. One of an unknown shape is returned as it is.
 * @example
 * ```ts
 * import { convertTool } from "@kimi/full";
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
  if (!isObject(tool) || !isObject(tool.function) || typeof tool.function.name !== "string") {
    return { tool, tokens: 0 };
  }
  const { name } = tool.function;
  const description = typeof tool.function.description === "string"
    ? tool.function.description
    : "";
  const given = isObject(tool.function.parameters) ? tool.function.parameters : NO_PARAMETERS;
  const json = JSON.stringify(given);
  const found = known.get(name);
  if (found !== undefined && isEqual(found.json, json) && isEqual(found.description, description)) {
    return found.converted;
  }
  const made = { json, description, converted: converted(name, description, json) };
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(name, made);
  return made.converted;
}

/** opencode makes the same tools anew for each request: converting them once is enough. */
const known = new Map<string, KnownTool>();
const MAX_KNOWN = 512;

/** Faster than `===`, which JavaScriptCore compiles into a loop over the characters. */
function isEqual(first: string, second: string): boolean {
  return first.length === second.length && first.startsWith(second);
}

interface KnownTool {
  readonly json: string;
  readonly description: string;
  readonly converted: ConvertedTool;
}

function converted(givenName: string, givenDescription: string, json: string): ConvertedTool {
  const name = givenName.toWellFormed();
  const description = givenDescription.toWellFormed();
  const text = LONE_SURROGATE.test(json) ? repaired(json) : json;
  const tool = name.startsWith("$") ? { type: "builtin_function", function: { name } } : {
    type: "function",
    function: { name, description, parameters: completeToolSchema(JSON.parse(text)) },
  };
  return {
    tool,
    tokens: estimateTokens(json) + estimateTokens(name) + estimateTokens(description),
  };
}

/** JSON.stringify escapes a surrogate only where it is alone. */
const LONE_SURROGATE = /\\ud[89a-f]/;

function repaired(json: string): string {
  return json.replace(/(\\\\)|\\ud[89a-f]../g, (_, escaped) => escaped ?? "\ufffd");
}
