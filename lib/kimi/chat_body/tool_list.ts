/** The list of a request's tools: at most as many as the service takes, each of another name. */

import { KimiError } from "../errors/kimi_error.ts";
import { isObject } from "../util/json.ts";
import type { WireFormat, WireTool } from "./format.ts";
import { type ConvertedTool, type ConvertTool, MAX_TOOLS } from "./tools.ts";

/** opencode retries after some numbers in a message; 429 is the smallest of them. */
function tooManyTools(count: number): string {
  const shown = count < 429 ? count : "Over 400";
  return `${shown} tools are active, and Kimi accepts at most ${MAX_TOOLS}: disable some, for ` +
    'instance MCP servers, under "tools" in opencode.json';
}

/** The tools of a request. */
export interface ConvertedTools {
  /** The tools in the client's order; `undefined` sends no list. */
  readonly sent: readonly unknown[] | undefined;
  /** Estimated tokens of all. */
  readonly tokens: number;
  /** The caller's names by their names on the wire, for those that have two. */
  readonly names: ReadonlyMap<string, string>;
  /** All names on the wire. */
  readonly wireNames: ReadonlySet<string>;
  /** A line for each tool that was left out. */
  readonly notes: ReadonlySet<string>;
}

/** Creates the conversion of lists: one of the same tools as the last is not made anew. */
export function createConvertTools(
  convertTool: ConvertTool,
  arrange: WireFormat["arrangeTools"],
): (tools: unknown) => ConvertedTools {
  let last: readonly (ConvertedTool | undefined)[] = [];
  let list: ConvertedTools | undefined;
  return (tools) => {
    const given: readonly unknown[] = Array.isArray(tools) ? tools : [];
    if (given.length > MAX_TOOLS) {
      throw new KimiError("invalid_request", tooManyTools(given.length));
    }
    const parts = given.map((tool) => nameOf(tool) === undefined ? undefined : convertTool(tool));
    const isSame = parts.length === last.length && parts.every((part, at) => part === last[at]);
    if (list === undefined || !isSame) [last, list] = [parts, listOf(given, parts, arrange)];
    return list;
  };
}

function nameOf(tool: unknown): string | undefined {
  const name = isObject(tool) && isObject(tool.function) ? tool.function.name : undefined;
  return typeof name === "string" ? name : undefined;
}

function listOf(
  given: readonly unknown[],
  parts: readonly (ConvertedTool | undefined)[],
  arrange: WireFormat["arrangeTools"],
): ConvertedTools {
  let tokens = 0;
  const names = new Map<string, string>();
  const wireNames = new Set<string>();
  const notes = new Set<string>();
  const converted: WireTool[] = [];
  parts.forEach((part, index) => {
    const name = nameOf(given[index]);
    const wireName = part?.wireName ?? name;
    if (part === undefined || name === undefined || wireName === undefined) {
      notes.add("a tool without a name was left out");
    } else if (wireNames.has(wireName)) {
      notes.add("the second of two tools of one name was left out");
    } else {
      wireNames.add(wireName);
      if (wireName !== name) names.set(wireName, name);
      tokens += part.tokens;
      converted.push({ name: wireName, tool: part.tool });
    }
  });
  return { sent: arrange(converted)?.map(({ tool }) => tool), tokens, names, wireNames, notes };
}
