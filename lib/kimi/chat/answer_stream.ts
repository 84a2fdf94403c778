/** The event stream of an answer on its way to an OpenAI client: passed on, read, and judged. */

import { createAnswerTail } from "./answer_end.ts";
import { type AnsweredCalls, type Edit, readAnswerEvent, readArguments } from "./answer_event.ts";
import { findWord, wordBegun } from "./byte_search.ts";

/** A line longer than this is passed on without being read. */
const MAX_LINE_BYTES = 1 << 20;

const LINE_FEED = 10;
const NOTHING = new Uint8Array(0);

/** One character for each byte, so that an index into the text is one into the bytes. */
const latin1 = new TextDecoder("latin1");
const utf8 = new TextDecoder();
const encoder = new TextEncoder();

/** Ends a stream if nothing comes for too long. */
export interface IdleTimeout {
  /** Told how to end the stream with an error. */
  readonly start: (fail: (error: Error) => void) => void;
  /** Told that the next chunk is waited for. */
  readonly wait: () => void;
  /** Told of each chunk. */
  readonly touch: () => void;
  /** Told that the stream has ended. */
  readonly stop: () => void;
}

/** What is read of an answer, and what is made of its end. */
export interface AnswerHandlers {
  /** Called with the tokens that the service counted, of request and answer together. */
  readonly onTotal: (total: number) => void;
  /**
   * Makes an error of an error event, and of an answer that broke off, never began or was ended by Kimi's
   * content filter; what it makes nothing of is passed on. Without it, the end is not judged.
   */
  readonly failure?: (
    what: { readonly event: unknown } | "cut" | "empty" | "filtered",
  ) => Error | undefined;
  /** Called with a finish reason that OpenAI's API does not know. */
  readonly onUnknownReason?: (reason: string) => void;
  /** Names of tools for the client, by their names on the wire, if the two differ. */
  readonly toolNames?: ReadonlyMap<string, string>;
  /** Called with what is added to the arguments of a call, by the id that the client is given. */
  readonly onArguments?: ((id: string, added: string) => void) | undefined;
  /** Ends the stream if nothing comes for too long. */
  readonly idleTimeout?: IdleTimeout;
}

/** What a finish reason that nobody knows is read as. */
const STOP = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';

/**
 * Passes an event stream on byte for byte, with backpressure and cancel. Changed are the usage (the
 * service's own `cached_tokens` is written where OpenAI's clients look for it too), the names of tools
 * that have another name on the wire, and ids that two calls share. An error event, and an end without a
 * finish reason, end the stream with an error: a client would take them for a whole answer, or ask again
 * without end.
 *
 * @param stream The body of a 200.
 * @returns The stream for the client.
 * @example
 * ```ts
 * import { readAnswer } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const line = 'data: {"usage":{"prompt_tokens":9,"completion_tokens":1,"cached_tokens":8}}\n\n';
 * let total = 0;
 * const stream = readAnswer(new Blob([line]).stream(), { onTotal: (tokens) => total = tokens });
 * assertEquals(
 *   await new Response(stream).text(),
 *   'data: {"usage":{"prompt_tokens_details":{"cached_tokens":8},"prompt_tokens":9,' +
 *     '"completion_tokens":1,"cached_tokens":8}}\n\n',
 * );
 * assertEquals(total, 10);
 * ```
 */
export function readAnswer(
  stream: ReadableStream<Uint8Array>,
  handlers: AnswerHandlers,
): ReadableStream<Uint8Array> {
  const { idleTimeout } = handlers;
  const reader = stream.getReader();
  const filter = createFilter(handlers);
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure ??= error;
    // Ends a read that is waiting; what the server says to that no longer matters.
    reader.cancel(error).catch(() => {});
  };
  return new ReadableStream<Uint8Array>({
    start: () => idleTimeout?.start(fail),
    async pull(controller) {
      try {
        for (;;) {
          if (failure !== undefined) throw failure;
          idleTimeout?.wait();
          const { done, value } = await reader.read();
          if (failure !== undefined) throw failure;
          idleTimeout?.touch();
          const passing = done ? filter.end() : filter.push(value);
          if (passing.length > 0) controller.enqueue(passing);
          if (filter.failure() !== undefined) {
            fail(filter.failure()!);
            // What came before the error is read first.
            if (passing.length > 0) return;
          } else if (done) {
            idleTimeout?.stop();
            return controller.close();
          } else if (passing.length > 0) return;
        }
      } catch (error) {
        idleTimeout?.stop();
        throw error;
      }
    },
    cancel(reason) {
      idleTimeout?.stop();
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

interface Filter {
  /** What can be passed on: all but the end if a word begins there. */
  readonly push: (chunk: Uint8Array) => Uint8Array;
  /** What was kept back. */
  readonly end: () => Uint8Array;
  readonly failure: () => Error | undefined;
}

/** Chunks pass uncopied; only a line with one of the words is looked at. */
function createFilter(handlers: AnswerHandlers): Filter {
  let kept: Uint8Array = NOTHING;
  let failure: Error | undefined;
  const begun = createLine();
  const tail = createAnswerTail();
  const calls: AnsweredCalls = { names: handlers.toolNames ?? new Map(), ids: new Map() };

  function read(line: Uint8Array): readonly Edit[] {
    const { total, error, edits } = readAnswerEvent(latin1.decode(line), calls);
    if (error !== undefined) failure = handlers.failure?.({ event: error });
    if (total !== undefined) handlers.onTotal(total);
    if (handlers.onArguments !== undefined && calls.ids.size > 0) {
      const written = utf8.decode(line);
      for (const added of readArguments(written, calls.ids)) handlers.onArguments(...added);
    }
    return edits;
  }

  function filter(bytes: Uint8Array, isLast: boolean): Uint8Array {
    const pieces: Uint8Array[] = [];
    let passed = 0;
    let at = findWord(bytes, 0);
    while (at !== -1) {
      const feed = bytes.indexOf(LINE_FEED, at);
      if (feed === -1 && !isLast) break;
      const end = feed === -1 ? bytes.length : feed;
      const begin = bytes.lastIndexOf(LINE_FEED, at) + 1;
      const before = begin === 0 ? joined(begun.pieces) : NOTHING;
      const edits = read(joined([before, bytes.subarray(begin, end)]));
      if (failure !== undefined) return joined([...pieces, part(bytes, passed, begin)]);
      for (const { at: place, removed, text } of edits) {
        const where = begin - before.length + place;
        if (where < passed) continue;
        pieces.push(part(bytes, passed, where), encoder.encode(text));
        passed = where + removed;
      }
      at = findWord(bytes, end);
    }
    const stop = isLast ? bytes.length : stopAt(bytes, at);
    kept = part(bytes, stop, bytes.length);
    begun.pass(part(bytes, 0, stop));
    const rest = part(bytes, passed, stop);
    return pieces.length === 0 ? rest : joined([...pieces, rest]);
  }

  return {
    failure: () => failure,
    push(chunk) {
      tail.push(chunk);
      return filter(kept.length === 0 ? chunk : joined([kept, chunk]), false);
    },
    end() {
      const rest = filter(kept, true);
      if (failure !== undefined || handlers.failure === undefined) return rest;
      const end = tail.judge();
      if (end === "whole") return rest;
      if (typeof end === "string") {
        failure = handlers.failure(end);
        return rest;
      }
      handlers.onUnknownReason?.(end.unknownReason);
      return joined([rest, encoder.encode(`\n\n${STOP}`)]);
    },
  };
}

/** To make a view takes Bun as long as to look through a short chunk. */
function part(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (from >= to) return NOTHING;
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}

/** How far bytes can be passed on if the last word in them is not whole. */
function stopAt(bytes: Uint8Array, word: number): number {
  if (word !== -1) return bytes.length - word > MAX_LINE_BYTES ? bytes.length : word;
  return bytes.length - wordBegun(bytes);
}

/** What has passed of the line that is not whole yet. */
function createLine() {
  const pieces: Uint8Array[] = [];
  let length = 0;
  return {
    pieces,
    pass(bytes: Uint8Array): void {
      const rest = part(bytes, bytes.lastIndexOf(LINE_FEED) + 1, bytes.length);
      if (rest.length < bytes.length || length > MAX_LINE_BYTES) pieces.length = length = 0;
      if (rest.length > 0) pieces.push(rest);
      length += rest.length;
    },
  };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const only = length === 0 ? NOTHING : pieces.find((piece) => piece.length === length);
  if (only !== undefined) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
