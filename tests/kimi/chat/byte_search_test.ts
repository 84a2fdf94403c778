import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { findWord, wordBegun } from "../../../lib/kimi/chat/byte_search.ts";

const WORDS = ['"usage"', '"error"', '_calls"'];

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const TEXT = fc.array(
  fc.oneof(fc.constantFrom(...WORDS, '"us', "ge", '"', "_c", "error", "\n"), fc.string()),
  { maxLength: 12 },
).map((parts) => parts.join("").replace(/[^\0-\x7f]/g, "x"));

Deno.test("findWord() finds the first word, wherever it lies", () => {
  fc.assert(
    fc.property(TEXT, fc.nat(40), (text, from) => {
      const places = WORDS.map((word) => text.indexOf(word, from)).filter((place) => place !== -1);
      assertEquals(findWord(bytes(text), from), places.length === 0 ? -1 : Math.min(...places));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("wordBegun() counts the bytes that may begin a word", () => {
  fc.assert(fc.property(TEXT, (text) => {
    const counts = [6, 5, 4, 3, 2, 1].filter((count) =>
      count <= text.length && WORDS.some((word) => text.endsWith(word.slice(0, count)))
    );
    assertEquals(wordBegun(bytes(text)), counts[0] ?? 0);
  }));
});
