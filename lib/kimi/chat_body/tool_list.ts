/** The list of a request's tools: at most as many as the service takes, each of another name. */

import { KimiError } from "../errors/kimi_error.ts";
import { isObject } from "../util/json.ts";
import type { WireTool } from "./format.ts";
import { type ConvertTool, MAX_TOOLS } from "./tools.ts";

/** opencode retries after some numbers in a message; 429 is the smallest of them. */
function tooManyTools(count: number): string {
  const shown = count < 429 ? count : "Over 400";
  return `${shown} tools are active, and Kimi accepts at most ${MAX_TOOLS}: disable some, for ` +
    'instance MCP servers, under "tools" in opencode.json';
}

/** The tools of a request. */
export interface ConvertedTools {
  readonly converted: readonly WireTool[];
  /** Estimated tokens of all. */
  readonly tokens: number;
  /** The caller's names by their names on the wire, for those that have two. */
  readonly names: ReadonlyMap<string, string>;
  /** All names on the wire. */
  readonly wireNames: ReadonlySet<string>;
}

/** Converts the tools of a request; a line for each that was left out is added to the notes. */
export function convertTools(
  tools: unknown,
  convertTool: ConvertTool,
  notes: Set<string>,
): ConvertedTools {
  const given: readonly unknown[] = Array.isArray(tools) ? tools : [];
  if (given.length > MAX_TOOLS) {
    throw new KimiError("invalid_request", tooManyTools(given.length));
  }
  let tokens = 0;
  const names = new Map<string, string>();
  const wireNames = new Set<string>();
  const converted: WireTool[] = [];
  for (const tool of given) {
    const own = isObject(tool) && isObject(tool.function) ? tool.function.name : undefined;
    if (typeof own !== "string") {
      notes.add("a tool without a name was left out");
      continue;
    }
    const result = convertTool(tool);
    const { wireName: name = own } = result;
    if (wireNames.has(name)) {
      notes.add("the second of two tools of one name was left out");
      continue;
    }
    wireNames.add(name);
    if (name !== own) names.set(name, own);
    tokens += result.tokens;
    converted.push({ name, tool: result.tool });
  }
  return { converted, tokens, names, wireNames };
}
