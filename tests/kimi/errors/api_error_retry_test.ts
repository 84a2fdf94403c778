import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { explainFailure, readFailure } from "../../../lib/kimi/errors/api_error.ts";
import { utf16 } from "../../support/vectors.ts";
import { retried, RETRY_PHRASES } from "../../support/opencode/retry.ts";

function errorBody(message: string): string {
  return JSON.stringify({ error: { message } });
}

Deno.test("contract 13: a trace id is shown, unless its digits make opencode retry", () => {
  const body = errorBody("weekly usage limit");
  assertStringIncludes(readFailure(403, body, "abc123").message, "(trace id abc123)");
  for (const trace of ["8a15003f", "4290", "x504"]) {
    assert(!readFailure(403, body, trace).message.includes(trace), trace);
    assertStringIncludes(readFailure(429, errorBody("x"), trace).message, trace);
  }
});

Deno.test("contract 13: only what makes opencode retry is omitted from the service's words", () => {
  const said = (status: number, message: string) =>
    readFailure(status, errorBody(message)).message.split("Kimi says: ")[1];
  // opencode makes room by itself where it reads "exceeded model token limit".
  assertEquals(
    said(400, "exceeded model token limit: 262144 (requested: 285003)"),
    "exceeded model token limit: 262144 (requested: …)",
  );
  assertEquals(said(403, "Access terminated. Review it"), "Access …. Review it");
  assertEquals(said(400, "rateterminatedlimit"), undefined);
  assertEquals(said(503, "down, try again later (85003)"), "down, try again later (85003)");
});

const STATUSES = [400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 503, 504, 529, 418] as const;

/** Texts of which many make opencode retry, or mean something to us. */
const saying = fc.array(
  fc.oneof(
    fc.constantFrom(...RETRY_PHRASES),
    fc.constantFrom(
      "usage limit",
      "high risk",
      "token limit",
      "only available for coding agents",
      "quota",
    ),
    fc.constantFrom(
      "access terminated.",
      " ",
      "4",
      "2",
      "9",
      "50",
      "0",
      "rate",
      "limit",
      "time",
      "out",
    ),
    utf16.map((text) => text.toWellFormed()),
  ),
  { maxLength: 5 },
).chain((words) => fc.constantFrom("", " ", "-", "_").map((glue) => words.join(glue)));

const trace = fc.option(fc.oneof(saying, fc.nat().map((number) => number.toString(16))), {
  nil: null,
});

Deno.test("contract 13: message and body of a final error hold nothing that makes opencode retry", async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(...STATUSES),
    fc.record({ message: saying, type: saying, code: saying }),
    trace,
    async (status, error, traceId) => {
      const body = JSON.stringify({ error });
      const { kind, retry, message } = readFailure(status, body, traceId);
      if (retry || kind === "unknown") return;
      assert(!retried(message), message);
      const headers = new Headers();
      // A header holds visible ASCII alone.
      if (traceId !== null) headers.set("x-trace-id", traceId.replace(/[^\x20-\x7e]/g, ""));
      const answer = await explainFailure(new Response(body, { status, headers }));
      const text = await answer.text();
      assert(!retried(text), text);
      assert(answer.status !== 429 && answer.status < 500, `${answer.status}`);
    },
  );
  await fc.assert(property, { numRuns: 1000 });
});
