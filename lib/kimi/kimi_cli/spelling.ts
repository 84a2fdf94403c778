/**
 * How a model spelled the arguments of its tool calls. kimi-cli sends them back letter by letter; a host
 * parses them and writes them anew, without the model's spaces, escapes, `1.0` and equal keys.
 */

import type { Spelled } from "../chat/body.ts";
import { isObject, type JsonObject, parseObject } from "../util/json.ts";

/** The spelling of longer arguments costs more than it is worth: a host stores it beside their value. */
export const MAX_SPELLED_LENGTH = 65_536;

/** Reads arguments, without a text if they are no object, too long, or spelled as `JSON.stringify` does. */
export function readSpelling(id: string, text: string): Spelled {
  if (text.length > MAX_SPELLED_LENGTH) return { id };
  const value = text.startsWith("\ufeff") ? undefined : parseObject(text);
  const plain = value === undefined ? text : JSON.stringify(value);
  return plain === text || !text.isWellFormed() ? { id } : { id, text, plain };
}

/**
 * Gives the tool calls of messages their spelling. What comes of a call depends on itself and on those
 * before it; one whose arguments have another value than the model wrote is left as it is.
 */
export function spelledMessages(
  messages: readonly unknown[],
  spelled: readonly Spelled[],
): readonly unknown[] {
  if (!spelled.some(({ text }) => text !== undefined)) return messages;
  const waiting = new Map<string, Spelled[]>();
  for (const each of spelled) {
    const others = waiting.get(each.id);
    if (others === undefined) waiting.set(each.id, [each]);
    else others.push(each);
  }
  return messages.map((message) => {
    if (!isObject(message) || !Array.isArray(message.tool_calls)) return message;
    const calls = message.tool_calls.map((call) =>
      isObject(call) ? spelledCall(call, waiting) : call
    );
    return { ...message, tool_calls: calls };
  });
}

function spelledCall(call: JsonObject, waiting: ReadonlyMap<string, Spelled[]>): JsonObject {
  const known = typeof call.id === "string" ? waiting.get(call.id) : undefined;
  if (known === undefined || !isObject(call.function)) return call;
  const { text, plain } = known.shift() ?? {};
  if (text === undefined || plain !== call.function.arguments) return call;
  return { ...call, function: { ...call.function, arguments: text } };
}
