import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import { PLAIN_STREAM } from "../answers/defaults.ts";
import { type FakeAnswer, type FakeRequest, kindOf, pause } from "../http.ts";
import type { StreamSettings } from "../types.ts";

/** How an answer is written: where its bytes are recorded, and what ends the writing. */
export interface Writing {
  readonly stream: Partial<StreamSettings>;
  readonly random: () => number;
  readonly closing: AbortSignal;
  note(bytes: Uint8Array): void;
}

const MID_STREAM_ERROR = JSON.stringify({
  error: {
    message: "The engine is currently overloaded, please try again later",
    type: "engine_overloaded_error",
  },
});

/** Reads a request to its end. */
export async function readRequest(incoming: IncomingMessage): Promise<FakeRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const text = new TextDecoder().decode(bytes);
  const raw = incoming.rawHeaders;
  const headers = raw.flatMap((name, index) =>
    index % 2 === 0 ? [[name, raw[index + 1] ?? ""] as const] : []
  );
  const method = incoming.method ?? "GET";
  const url = new URL(incoming.url ?? "/", "http://fake.invalid");
  return { method, url, headers, bytes, text, kind: kindOf(method, url.pathname, text) };
}

function* cuts(bytes: Uint8Array, largest: number, random: () => number): Iterable<Uint8Array> {
  for (let from = 0; from < bytes.length;) {
    const to = from + 1 + Math.floor(random() * largest);
    yield bytes.subarray(from, to);
    from = to;
  }
}

function eventBytes(events: readonly string[], style: StreamSettings): readonly Uint8Array[] {
  const { errorAfter, dropAfter, crlf } = style;
  const broken = errorAfter === null ? events : [...events.slice(0, errorAfter), MID_STREAM_ERROR];
  const sent = dropAfter === null ? broken : broken.slice(0, dropAfter);
  const end = crlf ? "\r\n\r\n" : "\n\n";
  return sent.map((data) => new TextEncoder().encode(`data: ${data}${end}`));
}

function written(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    response.once("close", resolve);
    response.write(bytes, () => {
      response.off("close", resolve);
      resolve();
    });
  });
}

async function writeEvents(
  response: ServerResponse,
  events: readonly string[],
  writing: Writing,
): Promise<void> {
  const style = { ...PLAIN_STREAM, ...writing.stream };
  const whole = eventBytes(events, style);
  const cut = style.cut > 0;
  const writes = cut ? cuts(Buffer.concat(whole), style.cut, writing.random) : whole;
  for (const write of writes) {
    // A turn of the event loop between writes keeps them separate on the wire.
    await (style.delay > 0 ? pause(style.delay, writing.closing) : setImmediate());
    if (response.destroyed) return;
    writing.note(write);
    await written(response, write);
  }
  if (style.dropAfter === null) response.end();
  else response.destroy();
}

/** Writes an answer; a client that disconnects ends the writing. */
export async function writeAnswer(
  response: ServerResponse,
  answer: FakeAnswer,
  writing: Writing,
): Promise<void> {
  response.writeHead(answer.status, { ...answer.headers });
  if (answer.events !== undefined) return await writeEvents(response, answer.events, writing);
  const bytes = new TextEncoder().encode(answer.body ?? "");
  writing.note(bytes);
  response.end(bytes);
}
