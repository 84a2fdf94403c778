import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { withoutRetryWords, wouldRetry } from "../../../lib/kimi/errors/opencode_retry.ts";
import { utf16 } from "../../support/vectors.ts";
import { retried, RETRY_PHRASES } from "../../support/opencode/retry.ts";

Deno.test("contract 13: wouldRetry() knows each phrase that makes opencode 1.18.33 retry", () => {
  for (const phrase of RETRY_PHRASES) {
    assert(retried(phrase), phrase);
    for (const text of [phrase, phrase.toUpperCase()]) assert(wouldRetry(text), text);
  }
});

Deno.test("contract 13: wouldRetry() is true for any text that makes opencode 1.18.33 retry", () => {
  const word = fc.oneof(
    fc.constantFrom(...RETRY_PHRASES),
    fc.nat({ max: 99_999 }).map(String),
    utf16,
  );
  const text = fc.array(word, { maxLength: 4 }).chain((words) =>
    fc.constantFrom("", " ", "-", "_", "\n").map((glue) => words.join(glue))
  );
  fc.assert(
    fc.property(text, (text) => assert(wouldRetry(text) || !retried(text), text)),
    { numRuns: 1000 },
  );
});

Deno.test("contract 13: withoutRetryWords() omits each phrase that makes opencode retry", () => {
  for (const phrase of RETRY_PHRASES.filter((phrase) => phrase !== "timeout")) {
    assertEquals(withoutRetryWords(`a ${phrase}, b, ${phrase}`).match(/…/g)?.length, 2, phrase);
    assert(!retried(withoutRetryWords(`a ${phrase}, b, ${phrase}`)), phrase);
  }
  assertEquals(withoutRetryWords("nothing of 262144"), "nothing of 262144");
});

Deno.test("contract 13: wouldRetry() is false for ordinary words", () => {
  const plain = [
    ...[
      "",
      "The plan's quota is used up",
      "Kimi refused the request",
      "model not found",
      "403",
      "401",
    ],
    ...[
      "a limit of 262144 tokens",
      "time of its reset",
      "trace id 1f00a",
      "the connection",
      "in time",
    ],
  ];
  assertEquals(plain.filter(wouldRetry), []);
});
