/** What both kinds of MCP servers need: a connection, and texts in pieces. */

import { type JsonObject, objectOf } from "../../../../kimi/util/json.ts";

export interface McpConnection {
  /** Sends a message; resolves to the answer, or to undefined if the message is a notification. */
  readonly send: (message: JsonObject) => Promise<JsonObject | undefined>;
  readonly close: () => Promise<void>;
}

/** The members of an object, as texts. */
export function stringsOf(values: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(objectOf(values)).map(([key, value]) => [key, `${value}`]),
  );
}

/** A longer piece is not a message, in characters. */
const MAX_PIECE = 4 * 1024 * 1024;

/** Splits a stream of texts; what comes behind the last separator is the last piece. */
export async function* pieces(chunks: AsyncIterable<string>, separator: RegExp) {
  let rest = "";
  for await (const chunk of chunks) {
    const all = (rest + chunk).split(separator);
    rest = all.pop() ?? "";
    yield* all;
    if (rest.length > MAX_PIECE) throw new Error("it writes a line without an end");
  }
  yield rest;
}
