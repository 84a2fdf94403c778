/** Calls an MCP server by HTTP. */

import { type JsonObject, parseObject } from "../../../../kimi/util/json.ts";
import { type McpConnection, pieces, stringsOf } from "./message.ts";

/** Each message is a POST, answered by JSON or by an event stream. */
export function connectRemote(
  { url, headers }: JsonObject,
  signal: AbortSignal,
  fetch: typeof globalThis.fetch,
): McpConnection {
  if (!URL.canParse(String(url))) throw new Error('"url" of its entry is not a URL');
  let session: string | null = null;
  return {
    async send(message) {
      const request = new Request(String(url), {
        method: "POST",
        headers: {
          ...stringsOf(headers),
          ...(session === null ? {} : { "Mcp-Session-Id": session }),
          "Content-Type": "application/json",
          Accept: "application/json, text/event-stream",
        },
        body: JSON.stringify(message),
      });
      const response = await fetch(request, { signal });
      session ??= response.headers.get("mcp-session-id");
      if (response.ok && message.id !== undefined) return await answerIn(response, message.id);
      await response.body?.cancel();
      if (!response.ok) throw new Error(`it answered HTTP ${response.status}`);
      return undefined;
    },
    close: () => Promise.resolve(),
  };
}

/** Everything in an event but its data. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html */
const NO_DATA = /^(?:data: ?|.*$)/gm;

/** Finds the answer to a message; a server may keep an event stream open after it. */
async function answerIn(response: Response, id: unknown): Promise<JsonObject> {
  const isStream = response.headers.get("content-type")?.includes("text/event-stream");
  const texts = isStream && response.body !== null
    ? pieces(response.body.pipeThrough(new TextDecoderStream()), /\r?\n\r?\n/)
    : [await response.text()];
  // Leaving the loop ends the stream.
  for await (const text of texts) {
    const message = parseObject(isStream ? text.replace(NO_DATA, "") : text) ?? {};
    if (message.id === id && message.method === undefined) return message;
  }
  throw new Error("its answer holds no message");
}
