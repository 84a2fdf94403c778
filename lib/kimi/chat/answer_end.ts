/** Whether an answer came to its end: the last bytes of its event stream say so. */

import { isObject, type JsonObject, parseObject } from "../util/json.ts";

/** Finish reasons of OpenAI's API. */
const REASONS: ReadonlySet<unknown> = new Set([
  "stop",
  "length",
  "tool_calls",
  "content_filter",
  "function_call",
]);

/** The finish reason, the usage and `[DONE]` fit many times. */
const TAIL_BYTES = 4_096;

/** More is not kept, but for the chunks of the last bytes. */
const MAX_CHUNKS = 512;
const MAX_BYTES = 262_144;

/** How an answer ended. */
export type AnswerEnd =
  | "whole"
  /** It ended with a reason that OpenAI's API does not know, and opencode would ask again. */
  | { readonly unknownReason: string }
  /** Kimi's content filter ended it. */
  | "filtered"
  /** It broke off. */
  | "cut"
  /** Nothing came. */
  | "empty";

/** Keeps the end of a stream, without copying it. */
export interface AnswerTail {
  readonly push: (chunk: Uint8Array) => void;
  /** Judges the end. */
  readonly judge: () => AnswerEnd;
}

/** One character for each byte; all that is read of an answer's end is ASCII. */
const latin1 = new TextDecoder("latin1");

export function createAnswerTail(): AnswerTail {
  let chunks: Uint8Array[] = [];
  let length = 0;
  return {
    push(chunk) {
      length += chunk.length;
      if (chunks.push(chunk) <= MAX_CHUNKS && length <= MAX_BYTES) return;
      chunks = lastOf(chunks);
      length = chunks.reduce((sum, each) => sum + each.length, 0);
    },
    judge() {
      let text = "";
      for (let at = chunks.length - 1; at >= 0 && text.length < TAIL_BYTES; at--) {
        text = latin1.decode(chunks[at]!.subarray(-TAIL_BYTES)) + text;
      }
      return judgeTail(text.slice(-TAIL_BYTES));
    },
  };
}

function lastOf(chunks: readonly Uint8Array[]): Uint8Array[] {
  let [first, length] = [chunks.length, 0];
  while (first > 0 && length < TAIL_BYTES) length += chunks[--first]?.length ?? 0;
  return chunks.slice(first);
}

/** Begins a reason, in JSON without spaces. A text of the model cannot hold it: its quotes are escaped. */
const REASON = '"finish_reason":"';

/** The reason that comes last counts; opencode asks for one choice. */
function judgeTail(text: string): AnswerEnd {
  const at = text.lastIndexOf(REASON) + REASON.length;
  const last = text.slice(at, text.indexOf('"', at));
  if (at >= REASON.length && REASONS.has(last)) return endWith(last);
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:"));
  for (const line of lines.toReversed()) {
    const reason = reasonIn(parseObject(line.slice("data:".length)));
    if (reason !== undefined) return endWith(reason);
  }
  return lines.some((line) => line.includes("{")) ? "cut" : "empty";
}

function endWith(reason: string): AnswerEnd {
  if (reason === "content_filter") return "filtered";
  return REASONS.has(reason) ? "whole" : { unknownReason: reason };
}

function reasonIn(event: JsonObject | undefined): string | undefined {
  const choices: readonly unknown[] = Array.isArray(event?.choices) ? event.choices : [];
  for (const choice of choices) {
    if (isObject(choice) && typeof choice.finish_reason === "string" && choice.finish_reason) {
      return choice.finish_reason;
    }
  }
  return undefined;
}
