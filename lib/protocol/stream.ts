/**
 * What is read from, and added to, the event stream of an answer.
 *
 * @module
 */

import { finite, isObject, type JsonObject, parseObject } from "./reader.ts";

/** A line longer than this is passed on without being read. */
const MAX_LINE_BYTES = 1 << 20;

const LINE_FEED = 10;
const NOTHING = new Uint8Array(0);

/** Watches that a stream does not stay silent. */
export interface Watchdog {
  /** Told how to end the stream with an error. */
  readonly start: (fail: (error: Error) => void) => void;
  /** Told that the next chunk is waited for. */
  readonly wait: () => void;
  /** Told of each chunk. */
  readonly touch: () => void;
  /** Told that the stream has ended. */
  readonly stop: () => void;
}

/** Called with the tokens that the service counted, of request and answer together. */
export type OnTotal = (total: number) => void;

/**
 * Passes an event stream through byte for byte, with backpressure and cancel, and adds
 * `prompt_tokens_details.cached_tokens` to a usage in which the service sends its own `cached_tokens`:
 * the former is what opencode reads.
 *
 * @param stream The answer's body.
 * @param onTotal Told the total of each usage.
 * @param watchdog Ends a stream that stays silent.
 * @returns The stream for opencode.
 * @example
 * ```ts
 * import { readUsage } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const line = 'data: {"usage":{"prompt_tokens":9,"completion_tokens":1,"cached_tokens":8}}\n\n';
 * let total = 0;
 * const stream = readUsage(new Blob([line]).stream(), (tokens) => total = tokens);
 * assertEquals(
 *   await new Response(stream).text(),
 *   'data: {"usage":{"prompt_tokens_details":{"cached_tokens":8},"prompt_tokens":9,' +
 *     '"completion_tokens":1,"cached_tokens":8}}\n\n',
 * );
 * assertEquals(total, 10);
 * ```
 */
export function readUsage(
  stream: ReadableStream<Uint8Array>,
  onTotal: OnTotal,
  watchdog?: Watchdog,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  const filter = usageFilter(onTotal);
  let failure: Error | undefined;
  return new ReadableStream<Uint8Array>({
    start() {
      watchdog?.start((error) => {
        failure = error;
        // Ends the read that is waiting; what the server says to that no longer matters.
        reader.cancel(error).catch(() => {});
      });
    },
    async pull(controller) {
      try {
        for (;;) {
          watchdog?.wait();
          const { done, value } = await reader.read();
          if (failure !== undefined) throw failure;
          watchdog?.touch();
          const pieces = done ? filter.end() : filter.push(value);
          for (const piece of pieces) controller.enqueue(piece);
          if (done) {
            watchdog?.stop();
            return controller.close();
          }
          if (pieces.length > 0) return;
        }
      } catch (error) {
        watchdog?.stop();
        throw error;
      }
    },
    cancel(reason) {
      watchdog?.stop();
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

interface UsageFilter {
  /** @returns What can be passed on; the rest of an unfinished line is kept back. */
  push(chunk: Uint8Array): readonly Uint8Array[];
  /** @returns What was kept back. */
  end(): readonly Uint8Array[];
}

function usageFilter(onTotal: OnTotal): UsageFilter {
  // One character for each byte, so that an index into the text is one into the bytes.
  const decoder = new TextDecoder("latin1");
  let kept: Uint8Array = NOTHING;
  const filtered = (bytes: Uint8Array) => filterLines(bytes, decoder.decode(bytes), onTotal);
  return {
    push(chunk) {
      const end = chunk.lastIndexOf(LINE_FEED) + 1;
      const rest = chunk.subarray(end);
      if (end === 0) {
        kept = join(kept, rest);
        if (kept.length <= MAX_LINE_BYTES) return [];
        const long = kept;
        kept = NOTHING;
        return [long];
      }
      const lines = join(kept, end === chunk.length ? chunk : chunk.subarray(0, end));
      kept = rest;
      return filtered(lines);
    },
    end() {
      const last = kept;
      kept = NOTHING;
      return last.length === 0 ? [] : filtered(last);
    },
  };
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

function filterLines(bytes: Uint8Array, text: string, onTotal: OnTotal): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let passed = 0;
  let at = text.indexOf('"usage"');
  while (at !== -1) {
    const start = text.lastIndexOf("\n", at) + 1;
    const feed = text.indexOf("\n", at);
    const end = feed === -1 ? text.length : feed;
    const insertion = readLine(text.slice(start, end), onTotal);
    if (insertion !== undefined) {
      const where = start + insertion.at;
      pieces.push(bytes.subarray(passed, where), new TextEncoder().encode(insertion.text));
      passed = where;
    }
    at = text.indexOf('"usage"', end);
  }
  pieces.push(passed === 0 ? bytes : bytes.subarray(passed));
  return pieces;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

function readLine(line: string, onTotal: OnTotal): Insertion | undefined {
  const json = line.startsWith("data:") ? parseObject(line.slice(5)) : undefined;
  if (json === undefined) return undefined;
  const total = totalOf(json);
  if (total !== undefined) onTotal(total);
  const usage = json.usage;
  if (!isObject(usage)) return undefined;
  const cached = finite(usage.cached_tokens);
  const details = usage.prompt_tokens_details;
  if (cached === undefined || details === null) return undefined;
  if (isObject(details)) {
    if (details.cached_tokens !== undefined) return undefined;
    return insertAfter(
      line,
      /"prompt_tokens_details"\s*:\s*\{/g,
      `"cached_tokens":${cached}`,
      cached,
    );
  }
  const added = `"prompt_tokens_details":{"cached_tokens":${cached}}`;
  return insertAfter(line, /"usage"\s*:\s*\{/g, added, cached);
}

/** The first place of the pattern at which the addition has the meaning that is wanted. */
function insertAfter(
  line: string,
  pattern: RegExp,
  added: string,
  cached: number,
): Insertion | undefined {
  for (const match of line.matchAll(pattern)) {
    const at = match.index + match[0].length;
    const text = /^\s*\}/.test(line.slice(at)) ? added : `${added},`;
    const json = parseObject(line.slice(5, at) + text + line.slice(at));
    const usage = json?.usage;
    const details = isObject(usage) ? usage.prompt_tokens_details : undefined;
    if (isObject(details) && details.cached_tokens === cached) return { at, text };
  }
  return undefined;
}

/** Moonshot's API has also sent the usage inside of the last choice. Source: kosong, `kimi.py`. */
function totalOf(json: JsonObject): number | undefined {
  const [choice] = Array.isArray(json.choices) ? json.choices : [];
  const usage = isObject(json.usage) ? json.usage : isObject(choice) ? choice.usage : undefined;
  if (!isObject(usage)) return undefined;
  const prompt = finite(usage.prompt_tokens);
  const completion = finite(usage.completion_tokens);
  if (prompt === undefined || completion === undefined) return finite(usage.total_tokens);
  return prompt + completion;
}
