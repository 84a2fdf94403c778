/** Texts and JSON values that a conversation may hold. */

import fc from "fast-check";

/** Text that says nothing, that JSON escapes, or that is half a character. */
const ODD_TEXTS = [
  ...["", " ", "\n\n", "\x1c\u3000", "\ufeff", "\u2028<&>", "\ud800", "a\udc00b", "\u0000"],
  ...["__proto__", "constructor", "null", "{}", "😀".repeat(40), "x".repeat(300)],
];

/** A text of any kind. */
export const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("hello", "What is in it?", "Done.") },
  { weight: 2, arbitrary: fc.constantFrom(...ODD_TEXTS) },
  fc.string({ unit: "binary", maxLength: 12 }),
);

/** A JSON value of any kind, or nothing. */
export const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, false, 0, -1.5, 1e21, "", " ", [], {}, [null]),
  text,
  fc.jsonValue({ maxDepth: 2 }),
);

/** The usual value in most cases, else any. */
export function mostly<T>(usual: fc.Arbitrary<T>, weight = 8): fc.Arbitrary<unknown> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: value });
}
