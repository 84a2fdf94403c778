/** Messages of MCP, and connections that carry them. */

import { isObject, type JsonObject, objectOf, text } from "../../../../kimi/util/json.ts";

/** A connection to a server. */
export interface McpConnection {
  /** Sends a message; resolves to the result, which a notification has not. */
  readonly send: (message: JsonObject) => Promise<JsonObject>;
  readonly close: () => Promise<void>;
}

/** Connects to the server of an entry. */
export type McpConnect = (
  server: JsonObject,
  signal: AbortSignal,
) => Promise<McpConnection> | McpConnection;

/** Returns the result of an answer; throws its error. */
export function resultOf(answer: JsonObject): JsonObject {
  if (isObject(answer.error)) throw new Error(`it answered: ${text(answer.error.message) ?? ""}`);
  return objectOf(answer.result);
}

/** The members of an object, as texts. */
export function stringsOf(values: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(objectOf(values)).map(([key, value]) => [key, `${value}`]),
  );
}
