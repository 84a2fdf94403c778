/** Calls an MCP server by HTTP. */

import { type JsonObject, parseObject } from "../../../../kimi/util/json.ts";
import { type McpConnect, resultOf, stringsOf } from "./message.ts";

/** Each message is a POST, answered by JSON or by an event stream. */
export function connectRemote(fetch: typeof globalThis.fetch): McpConnect {
  return ({ url, headers }, signal) => {
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
        const isWanted = response.ok && message.id !== undefined;
        if (!isWanted) await response.body?.cancel();
        if (!response.ok) throw new Error(`it answered HTTP ${response.status}`);
        if (!isWanted) return {};
        const answer = await answerIn(response, message.id);
        if (answer === undefined) throw new Error("its answer holds no message");
        return resultOf(answer);
      },
      close: () => Promise.resolve(),
    };
  };
}

/** Finds the answer to a message; a server may keep an event stream open after it. */
async function answerIn(response: Response, id: unknown): Promise<JsonObject | undefined> {
  const messageIn = (text: string) => {
    const message = parseObject(text);
    return message?.id === id && message?.method === undefined ? message : undefined;
  };
  const type = response.headers.get("content-type") ?? "";
  if (response.body === null || !type.includes("text/event-stream")) {
    return messageIn(await response.text());
  }
  let rest = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + chunk).split(/\r?\n\r?\n/);
    rest = events.pop() ?? "";
    const message = events.map(dataOf).map(messageIn).find((each) => each !== undefined);
    // Leaving the loop ends the stream.
    if (message !== undefined) return message;
  }
  return messageIn(dataOf(rest));
}

/** The data of an event. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
function dataOf(event: string): string {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith("data:"));
  return lines.map((line) => line.replace(/^data: ?/, "")).join("\n");
}
