/** Estimates tokens, as kimi-cli does. */

/** Tokens of an image, sound or video. Source: kimi-cli `llm.py`. */
export const MEDIA_TOKENS = 2000;

/** Number of code points in a text. */
export interface TextSize {
  /** Code points below U+0080. */
  readonly ascii: number;
  /** All others; a lone surrogate counts as one. */
  readonly other: number;
}

const CHUNK_UNITS = 16_384;
// For shorter texts a loop is faster than a native call.
const SHORT_UNITS = 24;

// One UTF-16 unit takes at most three bytes of UTF-8.
const words = new Uint32Array(CHUNK_UNITS * 3 / 4);
const bytes = new Uint8Array(words.buffer);
const encoder = new TextEncoder();

/**
 * Counts the code points of a text. A long text is encoded, which is a native operation, into a
 * buffer that is reused, and its bytes are counted four at a time.
 *
 * @example
 * ```ts
 * import { textSize } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(textSize("ab名😀"), { ascii: 2, other: 2 });
 * ```
 */
export function textSize(text: string): TextSize {
  if (text.length <= SHORT_UNITS) return shortSize(text);
  if (text.length <= CHUNK_UNITS) return chunkSize(text);
  let ascii = 0;
  let other = 0;
  for (let start = 0; start < text.length;) {
    const chunk = chunkAt(text, start);
    const size = chunkSize(chunk);
    ascii += size.ascii;
    other += size.other;
    start += chunk.length;
  }
  return { ascii, other };
}

function chunkSize(chunk: string): TextSize {
  const { read, written } = encoder.encodeInto(chunk, bytes);
  if (read === written) return { ascii: written, other: 0 };
  bytes.fill(0, written, written + 4);
  const { high, lead } = countHighBytes(written);
  return { ascii: written - high, other: lead };
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
  if (text.length - start <= CHUNK_UNITS) return text.slice(start);
  const end = start + CHUNK_UNITS;
  const splitsPair = (text.codePointAt(end - 1) ?? 0) > 0xffff;
  return text.slice(start, splitsPair ? end - 1 : end);
}

/** In UTF-8 the first byte of a character outside ASCII has its two highest bits set. */
function countHighBytes(length: number): { high: number; lead: number } {
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

/** Estimates the tokens of a text by its size: one for four ASCII characters or one other. */
export function tokensOf({ ascii, other }: TextSize): number {
  return ((ascii + 3) >>> 2) + other;
}

/**
 * Estimates the tokens of a text as kimi-cli does: one for four ASCII characters or one other.
 *
 * @see kimi-cli 1.51.0 `llm.py`: `estimate_request_tokens`
 * @example
 * ```ts
 * import { estimateTokens } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(estimateTokens("four"), 1);
 * assertEquals(estimateTokens("名前"), 2);
 * ```
 */
export function estimateTokens(text: string): number {
  return tokensOf(textSize(text));
}
