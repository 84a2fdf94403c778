/** How the host reads an answer (openai-chat.ts 70385313564; retries by executor.ts, Kiro). */

import { type Failure, isObject, type Json, object, type Said } from "../types.ts";

/** Reads of a stream that passed through the hooks. */
export interface Reading {
  /** Called with each text that is shown. */
  readonly onOutput: () => void;
  /** Called after each read; may wait. */
  readonly onRead?: (count: number) => void | Promise<void>;
  readonly requiresFinish: boolean;
}

/** An answer that is not whole, or that says what went wrong. */
export class StreamError extends Error {
  override readonly name = "StreamError";

  constructor(readonly type: string, message: string) {
    super(message);
  }
}

const FINISHES = [
  ...["stop", "end", "length", "content_filter", "tool_calls", "function_call"],
];

/** A stream that reads on demand alone and passes a cancel on, as the host hands one to `http.response`. */
export function pulled(
  source: ReadableStream<Uint8Array>,
  onPull: () => void = () => {},
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  return new ReadableStream({
    async pull(controller) {
      onPull();
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

interface Answer {
  text: string;
  reasoning: string;
  finish: string | undefined;
  usage: Json | undefined;
  readonly calls: { id: string; name: string; args: string }[];
}

/** Reads an answer to its end. */
export async function readAnswer(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  reading: Reading,
): Promise<Said> {
  const answer: Answer = {
    text: "",
    reasoning: "",
    finish: undefined,
    usage: undefined,
    calls: [],
  };
  const decoder = new TextDecoder();
  let rest = "";
  for (let count = 1;; count++) {
    const { done, value } = await read(reader);
    await reading.onRead?.(count);
    const text = rest + (done ? `${decoder.decode()}\n` : decoder.decode(value, { stream: true }));
    const lines = text.split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) take(answer, line, reading);
    if (done) break;
  }
  if (answer.finish === undefined && reading.requiresFinish) {
    throw new StreamError("incomplete", "The answer ended without a finish reason");
  }
  return answer;
}

async function read(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    return await reader.read();
  } catch (error) {
    throw new StreamError("incomplete", `The answer broke off: ${String(error)}`);
  }
}

function take(answer: Answer, line: string, { onOutput }: Reading): void {
  if (!line.startsWith("data:")) return;
  const data = line.slice(5).trim();
  if (data === "[DONE]") return;
  const chunk = parse(data);
  if (isObject(chunk.error)) {
    const { type, code, message } = chunk.error;
    const failure = classify(500, { error: { type: type ?? code, message } });
    throw new StreamError(failure.type, failure.message);
  }
  const choice = object(Array.isArray(chunk.choices) ? chunk.choices[0] : undefined);
  const usage = chunk.usage ?? choice.usage;
  if (isObject(usage)) answer.usage = usage;
  if (takeDelta(answer, object(choice.delta))) onOutput();
  const { finish_reason: finish } = choice;
  if (finish === undefined || finish === null) return;
  if (!FINISHES.includes(String(finish))) {
    throw new StreamError("unknown", `The finish reason ${String(finish)} is not known`);
  }
  answer.finish = String(finish);
}

function takeDelta(answer: Answer, delta: Json): boolean {
  const said = typeof delta.content === "string" ? delta.content : "";
  const thought = typeof delta.reasoning_content === "string" ? delta.reasoning_content : "";
  const calls = Array.isArray(delta.tool_calls) ? delta.tool_calls.map(object) : [];
  const hasOutput = said !== "" || thought !== "" || calls.length > 0;
  if (hasOutput && answer.finish !== undefined) {
    throw new StreamError("unknown", "The answer continued after its finish reason");
  }
  answer.text += said;
  answer.reasoning += thought;
  for (const { index, id, function: given } of calls) {
    const { name = "", arguments: args = "" } = object(given);
    // A delta may lack its index: it belongs to the last call then.
    const last = Math.max(answer.calls.length - 1, 0);
    const place = typeof index === "number" ? index : id === undefined ? last : last + 1;
    const call = answer.calls[place] ??= { id: String(id), name: String(name), args: "" };
    call.args += String(args);
  }
  return hasOutput;
}

function parse(text: string): Json {
  try {
    return object(JSON.parse(text));
  } catch {
    throw new StreamError("unknown", "A chunk of the answer is not JSON");
  }
}

/** What a refused request means to the host. */
export function classify(status: number, body: Json): Failure {
  const error = object(body.error);
  const message = String(error.message ?? body.message ?? `HTTP ${status}`);
  const type = String(error.type ?? error.code ?? "");
  return { type: kindOf(status, type), message, status };
}

function kindOf(status: number, type: string): string {
  if (status === 401 || status === 403) return "auth";
  if (status === 402 || /quota|usage_limit/.test(type)) return "quota";
  if (status === 429) return "rate_limit";
  if (status >= 500) return "server";
  return "invalid_request";
}

/** Failures after which the host tries again by itself. */
export function isRetried({ type }: Failure): boolean {
  return ["rate_limit", "server", "transport", "incomplete", "unknown"].includes(type);
}

/** The longest wait that an answer may ask for. */
const MAX_WAIT_MS = 15 * 60_000;

/** How long to wait before a try (the second is number 2), by the answer's headers or by its number. */
export function delayOf(headers: Headers | undefined, attempt: number): number {
  const exact = Number(headers?.get("retry-after-ms") ?? NaN);
  const seconds = Number(headers?.get("retry-after") ?? NaN);
  const asked = Number.isFinite(exact) ? exact : seconds * 1000;
  return Number.isFinite(asked) ? Math.min(asked, MAX_WAIT_MS) : 2000 * 2 ** (attempt - 2);
}
