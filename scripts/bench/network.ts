/** Replaces the network in the processes that are timed: answers come at once, from memory. */

const USAGE = { prompt_tokens: 9, completion_tokens: 1, cached_tokens: 8 };

const EVENTS = [
  { choices: [{ index: 0, delta: { role: "assistant", content: "yes" } }] },
  { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  { choices: [], usage: USAGE },
].map((event) => JSON.stringify(event));

const ANSWER = [...EVENTS, "[DONE]"].map((data) => `data: ${data}\n\n`).join("");

/** The answer to all other requests. */
const OTHERS = { data: [{ id: "kimi-for-coding", context_length: 262_144 }], usage: {} };

const HEADERS = { "content-type": "text/event-stream" };

export const MEGABYTE = 1e6;

/** Bytes of a chunk; from a local server, Bun returns chunks of up to twice this size. */
const CHUNK = 262_144;

/** A short answer, with usage as Kimi sends it. */
export function answerOf(): Response {
  return new Response(ANSWER, { headers: HEADERS });
}

const EVENT_BYTES = new TextEncoder().encode(
  Array.from({ length: 4096 }, (_, at) => eventOf(at)).join(""),
);

/** A long answer of small events. */
export function eventStream(bytes: number): Response {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const from = sent % EVENT_BYTES.length;
      const chunk = EVENT_BYTES.subarray(from, Math.min(from + CHUNK, from + bytes - sent));
      sent += chunk.length;
      if (chunk.length > 0) controller.enqueue(chunk);
      if (sent < bytes) return;
      controller.enqueue(END_BYTES);
      controller.close();
    },
  }, { highWaterMark: 0 });
  return new Response(body, { headers: HEADERS });
}

/** The last chunk may be cut within a line. */
const END_BYTES = new TextEncoder().encode(`\n\n${ANSWER}`);

function eventOf(index: number): string {
  const delta = { content: ` token ${index % 100}` };
  const event = {
    id: "chatcmpl-0123456789abcdef01234567",
    object: "chat.completion.chunk",
    created: 1_760_000_000,
    model: "kimi-for-coding",
    choices: [{ index: 0, delta, finish_reason: null }],
    system_fingerprint: "fpv0_01234567",
  };
  return `data: ${JSON.stringify(event)}\n\n`;
}

/** How long a refresh takes. */
export const TOKEN_MS = 400;

let refreshes = 0;

/** How many refreshes this process has asked for. */
export function countRefreshes(): number {
  return refreshes;
}

async function refreshed(): Promise<Response> {
  const token = `${"t".repeat(400)}${++refreshes}`;
  await new Promise((resolve) => setTimeout(resolve, TOKEN_MS));
  return Response.json({ access_token: token, refresh_token: token, expires_in: 900 });
}

/** Replaces `fetch`; `chat` answers chat requests. */
export function answerWith(chat: () => Response): void {
  const fetch = async (input: RequestInfo | URL) => {
    const url = input instanceof Request ? input.url : String(input);
    if (url.endsWith("/token")) return await refreshed();
    return url.endsWith("/chat/completions") ? chat() : Response.json(OTHERS);
  };
  Object.assign(globalThis, { fetch });
}
