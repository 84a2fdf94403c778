/** Reads and completes the usage in the event stream of an answer. */

import { type Insertion, readUsageEvent } from "./usage_event.ts";

/** Longer lines are passed on unread. */
const MAX_LINE_BYTES = 1 << 20;

const LINE_FEED = 10;
const NOTHING = new Uint8Array(0);

/** Ends a stream that stays silent. */
export interface IdleTimeout {
  /** Called first, with a function that ends the stream with an error. */
  readonly start: (fail: (error: Error) => void) => void;
  /** Called when the next chunk is awaited. */
  readonly wait: () => void;
  /** Called with each chunk. */
  readonly touch: () => void;
  /** Called when the stream has ended. */
  readonly stop: () => void;
}

/** Called with the tokens that the service counted for request and answer together. */
export type OnTotal = (total: number) => void;

/**
 * Passes an event stream through byte for byte, with backpressure and cancel. To a usage in which the
 * service sends its own `cached_tokens` it adds `prompt_tokens_details.cached_tokens`, the member that
 * opencode reads.
 *
 * @param onTotal Called with the total of each usage.
 * @param idleTimeout Ends a stream that stays silent.
 * @example
 * ```ts
 * import { readUsage } from "@kimi/full/protocol";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const line = 'data: {"usage":{"total_tokens":10,"cached_tokens":8}}\n\n';
 * let total = 0;
 * const stream = readUsage(new Blob([line]).stream(), (tokens) => total = tokens);
 * assertStringIncludes(
 *   await new Response(stream).text(),
 *   '"prompt_tokens_details":{"cached_tokens":8}',
 * );
 * assertEquals(total, 10);
 * ```
 */
export function readUsage(
  stream: ReadableStream<Uint8Array>,
  onTotal: OnTotal,
  idleTimeout?: IdleTimeout,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  const filter = createUsageFilter(onTotal);
  let failure: Error | undefined;
  return new ReadableStream<Uint8Array>({
    start() {
      idleTimeout?.start((error) => {
        failure = error;
        // Ends the pending read; an error of the server no longer matters.
        reader.cancel(error).catch(() => {});
      });
    },
    async pull(controller) {
      try {
        for (;;) {
          idleTimeout?.wait();
          const { done, value } = await reader.read();
          if (failure !== undefined) throw failure;
          idleTimeout?.touch();
          const passing = done ? filter.end() : filter.push(value);
          if (passing.length > 0) controller.enqueue(passing);
          if (done) {
            idleTimeout?.stop();
            return controller.close();
          }
          if (passing.length > 0) return;
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

interface UsageFilter {
  /** Returns the bytes to pass on: all but the end if a usage begins there. */
  push(chunk: Uint8Array): Uint8Array;
  /** Returns the bytes that were held back. */
  end(): Uint8Array;
}

/** Chunks pass uncopied; only lines with a usage are decoded. */
function createUsageFilter(onTotal: OnTotal): UsageFilter {
  let held: Uint8Array = NOTHING;
  const line = createUnfinishedLine();

  function filter(bytes: Uint8Array, isLast: boolean): Uint8Array {
    const pieces: Uint8Array[] = [];
    let passed = 0;
    let at = indexOfUsage(bytes, 0);
    while (at !== -1) {
      const feed = bytes.indexOf(LINE_FEED, at);
      if (feed === -1 && !isLast) break;
      const end = feed === -1 ? bytes.length : feed;
      const begin = bytes.lastIndexOf(LINE_FEED, at) + 1;
      const before = begin === 0 ? joined(line.pieces) : NOTHING;
      const insertion = read(joined([before, bytes.subarray(begin, end)]), onTotal);
      if (insertion !== undefined) {
        const place = begin - before.length + insertion.at;
        pieces.push(bytes.subarray(passed, place), new TextEncoder().encode(insertion.text));
        passed = place;
      }
      at = indexOfUsage(bytes, end);
    }
    const stop = isLast ? bytes.length : heldFrom(bytes, at);
    held = viewOf(bytes, stop, bytes.length);
    line.pass(viewOf(bytes, 0, stop));
    const rest = viewOf(bytes, passed, stop);
    return pieces.length === 0 ? rest : joined([...pieces, rest]);
  }

  return {
    push: (chunk) => filter(held.length === 0 ? chunk : joined([held, chunk]), false),
    end: () => filter(held, true),
  };
}

/** In Bun, making a view takes as long as searching a short chunk. */
function viewOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (from === to) return NOTHING;
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}

/** Where to hold bytes back if the last usage in them is incomplete. */
function heldFrom(bytes: Uint8Array, usage: number): number {
  if (usage !== -1) return bytes.length - usage > MAX_LINE_BYTES ? bytes.length : usage;
  const quote = bytes.lastIndexOf(QUOTE);
  const rest = bytes.length - quote;
  return quote !== -1 && rest < USAGE.length && isUsage(bytes, quote, rest) ? quote : bytes.length;
}

/** Keeps what was passed on of the incomplete line. */
function createUnfinishedLine() {
  const pieces: Uint8Array[] = [];
  let length = 0;
  return {
    pieces,
    pass(bytes: Uint8Array): void {
      const rest = viewOf(bytes, bytes.lastIndexOf(LINE_FEED) + 1, bytes.length);
      if (rest.length < bytes.length || length > MAX_LINE_BYTES) pieces.length = length = 0;
      if (rest.length > 0) pieces.push(rest);
      length += rest.length;
    },
  };
}

/** Latin-1 has one character per byte, so an index into the text is one into the bytes. */
let decoder: TextDecoder | undefined;

function read(line: Uint8Array, onTotal: OnTotal): Insertion | undefined {
  decoder ??= new TextDecoder("latin1");
  const { total, insertion } = readUsageEvent(decoder.decode(line));
  if (total !== undefined) onTotal(total);
  return insertion;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first = NOTHING, ...others] = pieces.filter((piece) => piece.length > 0);
  if (others.length === 0) return first;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const QUOTE = 0x22;

/** All its characters differ; `g` is the rarest of them. */
const USAGE = new TextEncoder().encode('"usage');
const G = 0x67;
const PLACE_OF_G = 4;

/** Maps a byte to its place in {@linkcode USAGE}, counted from 1; 0 for other bytes. */
const PLACES = new Uint8Array(256);
USAGE.forEach((byte, index) => PLACES[byte] = index + 1);

/**
 * Looks at every sixth byte, which must be one of the six if they occur. A native search in decoded text
 * takes five times as long (measured in Bun 1.3.4).
 */
function indexOfUsage(bytes: Uint8Array, from: number): number {
  for (let at = from + USAGE.length - 1; at < bytes.length; at += USAGE.length) {
    const place = PLACES[bytes[at] ?? 0] ?? 0;
    const start = at - place + 1;
    if (place === 0 || bytes[start + PLACE_OF_G] !== G) continue;
    if (isUsage(bytes, start, USAGE.length)) return start;
  }
  return -1;
}

function isUsage(bytes: Uint8Array, start: number, count: number): boolean {
  for (let index = 0; index < count; index++) {
    if (bytes[start + index] !== USAGE[index]) return false;
  }
  return true;
}
