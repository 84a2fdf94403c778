/** Converts tools to kimi-cli's form and estimates their tokens. */

import { isObject, type JsonObject } from "../util/json.ts";
import { estimateTokens } from "./token_budget.ts";
import {
  EMPTY_SCHEMA_JSON,
  findMissingTypes,
  type MissingTypes,
  withTypes,
} from "./tool_schema.ts";

/** The most tools that the service accepts in a request. Source: the API's error reference. */
export const MAX_TOOLS = 128;

/** A converted tool and its estimated tokens. */
export interface ConvertedTool {
  /** The tool in kimi-cli's form. */
  readonly tool: unknown;
  /** Estimated tokens of its name, description and parameters. */
  readonly tokens: number;
}

/**
 * Converts a tool of an OpenAI-shaped request to kimi-cli's form and completes its parameters.
 * Members that kimi-cli does not send, such as `strict`, are left out. A tool whose name begins with
 * `$` is one of the service's own: only its name is sent. A tool of an unknown shape is returned as
 * it is.
 *
 * Parameters that are complete already are shared with the input; nothing is shared with the result
 * of another call.
 *
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
  return { tool: converted(name, known, parameters), tokens: known.tokens };
}

/** What is known of a tool, but no object that is handed out. */
interface KnownTool {
  /** The description. */
  readonly text: string;
  /** The parameters. */
  readonly json: string;
  /** The parameters without lone surrogates, if there are any. */
  readonly repaired: string | undefined;
  readonly missing: MissingTypes | undefined;
  readonly tokens: number;
}

/** opencode builds the same tools anew for each request: examining them once is enough. */
const knownTools = new Map<string, KnownTool>();
const MAX_KNOWN_TOOLS = 512;

/** Faster than `===`, which JavaScriptCore compiles to a loop over the characters. */
function isEqual(first: string, second: string): boolean {
  return first.length === second.length && first.startsWith(second);
}

function examine(name: string, text: string, json: string): KnownTool {
  const repaired = LONE_SURROGATE.test(json) ? withoutLoneSurrogates(json) : undefined;
  const missing = findMissingTypes(JSON.parse(repaired ?? json));
  const tokens = estimateTokens(json) + estimateTokens(name) + estimateTokens(text);
  return { text, json, repaired, missing, tokens };
}

function converted(given: string, known: KnownTool, parameters: unknown): JsonObject {
  const { text, json, repaired, missing } = known;
  const name = given.toWellFormed();
  if (name.startsWith("$")) return { type: "builtin_function", function: { name } };
  const schema = repaired === undefined && isObject(parameters)
    ? parameters
    : JSON.parse(repaired ?? json);
  const description = text.toWellFormed();
  return {
    type: "function",
    function: { name, description, parameters: withTypes(schema, missing) },
  };
}

/** JSON.stringify escapes only surrogates that stand alone. */
const LONE_SURROGATE = /\\ud[89a-f]/;

function withoutLoneSurrogates(json: string): string {
  return json.replace(/(\\\\)|\\ud[89a-f]../g, (_, escaped) => escaped ?? "\ufffd");
}
