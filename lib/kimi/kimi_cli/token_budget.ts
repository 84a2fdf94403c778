/**
 * Token estimates and the `max_completion_tokens` that follow from them.
 *
 * @see kimi-cli 1.51.0 `llm.py`: `estimate_request_tokens`, `compute_max_completion_tokens`
 * @module
 */

/** What is left free for what an estimate misses. Source: kimi-cli `llm.py`, line 48. */
const SAFETY_MARGIN_TOKENS = 1024;

/** An image, sound or film counts as this many tokens. Source: kimi-cli `llm.py`. */
export const MEDIA_TOKENS = 2000;

/** The budget where no context length is known. Source: kimi-cli `reserved_context_size`. */
const FALLBACK_COMPLETION_TOKENS = 50_000;

/** How many characters a text has, in code points. */
export interface TextSize {
  /** Code points below U+0080. */
  readonly ascii: number;
  /** All others. A lone surrogate is one. */
  readonly other: number;
}

const CHUNK_UNITS = 16_384;
// Shorter texts are counted faster than a native call is made.
const SHORT_UNITS = 24;

interface Scratch {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly encoder: TextEncoder;
}

let scratch: Scratch | undefined;

function makeScratch(): Scratch {
  // One UTF-16 unit takes at most three bytes of UTF-8.
  const buffer = new ArrayBuffer(CHUNK_UNITS * 3);
  return {
    bytes: new Uint8Array(buffer),
    words: new Uint32Array(buffer),
    encoder: new TextEncoder(),
  };
}

/**
 * Counts code points without a loop over the characters of a long text: it is encoded, a native
 * operation, into one buffer that is used again, and the bytes are counted four at a time.
 *
 * @param text A text of any length.
 * @returns Its size.
 * @example
 * ```ts
 * import { textSize } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(textSize("ab名😀"), { ascii: 2, other: 2 });
 * ```
 */
export function textSize(text: string): TextSize {
  if (text.length <= SHORT_UNITS) return shortSize(text);
  const { bytes, words, encoder } = scratch ??= makeScratch();
  let ascii = 0;
  let other = 0;
  for (let start = 0; start < text.length;) {
    const chunk = chunkAt(text, start);
    const { read, written } = encoder.encodeInto(chunk, bytes);
    if (read === written) ascii += written;
    else {
      bytes.fill(0, written, written + 4);
      const { high, lead } = countHighBytes(words, written);
      ascii += written - high;
      other += lead;
    }
    start += chunk.length;
  }
  return { ascii, other };
}

function shortSize(text: string): TextSize {
  let ascii = 0;
  let other = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) ascii++;
    else {
      other++;
      if ((text.codePointAt(index) ?? 0) > 0xffff) index++;
    }
  }
  return { ascii, other };
}

function chunkAt(text: string, start: number): string {
  if (text.length - start <= CHUNK_UNITS) return start === 0 ? text : text.slice(start);
  const end = start + CHUNK_UNITS;
  const splitsPair = (text.codePointAt(end - 1) ?? 0) > 0xffff;
  return text.slice(start, splitsPair ? end - 1 : end);
}

/** In UTF-8 the first byte of a character that is not ASCII has its two highest bits set. */
function countHighBytes(words: Uint32Array, length: number): { high: number; lead: number } {
  const end = (length + 3) >>> 2;
  let high = 0;
  let lead = 0;
  for (let start = 0; start < end; start += 255) {
    // Four counters of one byte each, which 255 words cannot overflow.
    let highs = 0;
    let leads = 0;
    const stop = Math.min(start + 255, end);
    for (let index = start; index < stop; index++) {
      const word = words[index] ?? 0;
      const marks = word & 0x80808080;
      highs = (highs + (marks >>> 7)) | 0;
      leads = (leads + ((marks & (word << 1)) >>> 7)) | 0;
    }
    high += sumOfBytes(highs);
    lead += sumOfBytes(leads);
  }
  return { high, lead };
}

function sumOfBytes(word: number): number {
  return (word & 0xff) + ((word >>> 8) & 0xff) + ((word >>> 16) & 0xff) + (word >>> 24);
}

/**
 * Estimates the tokens of a text whose size is known.
 *
 * @param size Size of a text.
 * @returns Its tokens as kimi-cli estimates them: four ASCII characters or one other each.
 */
export function tokensOf({ ascii, other }: TextSize): number {
  return ((ascii + 3) >>> 2) + other;
}

/**
 * Estimates the tokens of a text.
 *
 * @param text A text.
 * @returns Its tokens as kimi-cli estimates them.
 * @example
 * ```ts
 * import { estimateTokens } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(estimateTokens("four"), 1);
 * assertEquals(estimateTokens("名前"), 2);
 * ```
 */
export function estimateTokens(text: string): number {
  return tokensOf(textSize(text));
}

/** What {@linkcode completionTokens} is computed from, in tokens. */
export interface CompletionInput {
  /** Context length of the model; 0 or less where it is unknown. */
  readonly contextLength: number;
  /** Estimate of what is sent. */
  readonly inputTokens: number;
  /** The user's cap, where there is one. */
  readonly cap?: number;
}

/**
 * The value of `max_completion_tokens`: the cap, or the context, within what the input leaves free.
 *
 * @param input Context, input and cap in tokens.
 * @returns At least 1.
 * @example
 * ```ts
 * import { completionTokens } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(completionTokens({ contextLength: 262144, inputTokens: 1000 }), 260120);
 * ```
 */
export function completionTokens({ contextLength, inputTokens, cap }: CompletionInput): number {
  if (contextLength <= 0) return Math.max(1, cap ?? FALLBACK_COMPLETION_TOKENS);
  const input = Math.max(0, inputTokens + SAFETY_MARGIN_TOKENS);
  const free = Math.max(1, contextLength - input);
  return Math.max(1, Math.min(cap ?? contextLength, free));
}
