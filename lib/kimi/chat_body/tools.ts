/** Converts the tools of a request, and estimates their tokens. */

import { isBuiltin, toWireName } from "../chat/tool_names.ts";
import { KimiError } from "../errors/kimi_error.ts";
import type { SchemaFault } from "../schema/dialect.ts";
import { repairSchema } from "../schema/repair.ts";
import { isObject, type JsonObject, printable } from "../util/json.ts";
import { isSameText } from "../util/same_text.ts";
import type { SchemaCompleter } from "./format.ts";
import { estimateTokens } from "./tokens.ts";

/** The most tools that the service accepts in a request. Source: the API's error reference. */
export const MAX_TOOLS = 128;

/** A converted tool and its estimated tokens. */
export interface ConvertedTool {
  /** The tool in the client's form. */
  readonly tool: unknown;
  /** Estimated tokens of its name, description and parameters. */
  readonly tokens: number;
  /** The name that the service accepts, if the tool's own is another. */
  readonly wireName?: string;
}

/** The parameters of a tool that has none. */
export const EMPTY_SCHEMA_JSON = '{"type":"object","properties":{}}';

/** Converts one tool; throws `invalid_request` if nothing makes the service accept its parameters. */
export type ConvertTool = (tool: unknown) => ConvertedTool;

/** opencode builds the same tools anew for each request: examining them once is enough. */
const MAX_KNOWN_TOOLS = 512;

/** Creates the conversion to a client's form; the same tool gives the same object, which nobody may write to. */
export function createConvertTool(completeSchema: SchemaCompleter): ConvertTool {
  const knownTools = new Map<string, KnownTool>();
  return (tool) => {
    if (!isObject(tool) || !isObject(tool.function) || typeof tool.function.name !== "string") {
      return { tool, tokens: 0 };
    }
    const { name, parameters } = tool.function;
    const description = typeof tool.function.description === "string"
      ? tool.function.description
      : "";
    const json = isObject(parameters) ? JSON.stringify(parameters) : EMPTY_SCHEMA_JSON;
    let known = knownTools.get(name);
    if (
      known === undefined || !isSameText(known.json, json) || !isSameText(known.text, description)
    ) {
      known = examine(name, description, json, completeSchema);
      if (knownTools.size >= MAX_KNOWN_TOOLS) knownTools.clear();
      knownTools.set(name, known);
    }
    return known.result;
  };
}

/** What is known of a tool. */
interface KnownTool {
  /** The description. */
  readonly text: string;
  /** The parameters. */
  readonly json: string;
  readonly result: ConvertedTool;
}

function examine(
  name: string,
  text: string,
  json: string,
  completeSchema: SchemaCompleter,
): KnownTool {
  const tokens = estimateTokens(json) + estimateTokens(name) + estimateTokens(text);
  const wireName = toWireName(name);
  const tool = isBuiltin(name)
    ? { type: "builtin_function", function: { name: wireName.toWellFormed() } }
    : {
      type: "function",
      function: {
        name: wireName.toWellFormed(),
        description: text.toWellFormed(),
        parameters: fittingSchema(name, json, completeSchema),
      },
    };
  return { text, json, result: { tool, tokens, ...(wireName === name ? {} : { wireName }) } };
}

function fittingSchema(name: string, json: string, completeSchema: SchemaCompleter): JsonObject {
  const wellFormed = LONE_SURROGATE.test(json) ? withoutLoneSurrogates(json) : json;
  const result = repairSchema(completeSchema(JSON.parse(wellFormed)));
  if ("fault" in result) throw new KimiError("invalid_request", unfit(name, result.fault));
  return result.schema;
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
