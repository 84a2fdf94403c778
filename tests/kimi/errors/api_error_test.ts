import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { errorResponse, explainFailure, readFailure } from "../../../lib/kimi/errors/api_error.ts";
import { jsonWith, utf16 } from "../../support/vectors.ts";

function errorBody(message: string, type = "error"): string {
  return JSON.stringify({ error: { message, type } });
}

Deno.test("an error is data: kind, status, the service's words, reset time and trace id", () => {
  const body = errorBody("usage limit\n reached, resets at 2030-01-01T08:00:00Z", "quota");
  const { message: _, ...data } = readFailure(429, body, "trace1");
  assertEquals(data, {
    kind: "quota",
    status: 429,
    retry: false,
    serviceMessage: "usage limit reached, resets at 2030-01-01T08:00:00Z",
    resetsAt: Date.UTC(2030, 0, 1, 8),
    traceId: "trace1",
  });
});

Deno.test("contract 13: an answer of an unknown form keeps its text", () => {
  for (
    const [status, body] of [[418, "teapot"], [403, "<h1>Sign in</h1>"], [400, ""], [
      404,
      "{}",
    ]] as const
  ) {
    const { kind, retry, message } = readFailure(status, body);
    assertEquals([kind, retry, message], ["unknown", false, body]);
  }
  assertEquals(readFailure(451, errorBody("odd")).message, "odd");
  assertEquals(
    readFailure(400, '{"error":"plain text"}').message,
    "Kimi refused the request. Kimi says: plain text",
  );
  assertEquals(readFailure(400, '{"message":"at the top"}').kind, "request");
});

Deno.test("contract 13: control characters of the service are removed", () => {
  const { message } = readFailure(
    400,
    errorBody("\x1b[31mred\r\nsecond\u202eline\x07"),
    "\x1b]0;x\x07",
  );
  // deno-lint-ignore no-control-regex
  assert(!/[\x00-\x1f\x7f-\x9f\u202e]/.test(message), JSON.stringify(message));
});

Deno.test("contract 13: readFailure() and explainFailure() never throw, whatever the answer", async () => {
  const keys = ["error", "message", "type", "code"];
  const bodies = fc.oneof(jsonWith(keys).map((json) => JSON.stringify(json)), utf16);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 400, max: 599 }), bodies, async (status, body) => {
      readFailure(status, body, body);
      const answer = await explainFailure(new Response(body, { status }));
      assert(answer.status === status || (status === 429 && answer.status === 403));
    }),
  );
});

Deno.test("contract 13: the status and OpenAI's error shape are kept, and the headers for a retry", async () => {
  const headers = {
    "retry-after": "7",
    "x-trace-id": "t1",
    "set-cookie": "a=b",
    "content-length": "9",
  };
  const given = new Response(errorBody("slow", "rate_limit_reached_error"), {
    status: 429,
    headers,
  });
  const answer = await explainFailure(given);
  assertEquals([answer.status, answer.headers.get("retry-after")], [429, "7"]);
  assertEquals(answer.headers.get("x-trace-id"), "t1");
  assertEquals(answer.headers.get("content-type"), "application/json");
  assertEquals([answer.headers.get("set-cookie"), answer.headers.get("content-length")], [
    null,
    null,
  ]);
  assertEquals(await answer.json(), {
    error: {
      message: "Kimi receives too many requests from this account. Kimi says: slow (trace id t1)",
      type: "kimi_rate",
    },
  });
});

Deno.test("contract 13: a quota's 429, which opencode would send again, becomes 403", async () => {
  const given = new Response(errorBody("usage limit for this period"), { status: 429 });
  assertEquals((await explainFailure(given)).status, 403);
});

Deno.test("contract 13: explainFailure() passes an answer of an unknown form on", async () => {
  const headers = { "content-type": "text/html; charset=utf-8", "x-other": "1" };
  const answer = await explainFailure(new Response("<h1>429</h1>", { status: 418, headers }));
  assertEquals([answer.status, await answer.text()], [418, "<h1>429</h1>"]);
  assertEquals(answer.headers.get("content-type"), "text/html; charset=utf-8");
});

Deno.test("contract 8: a token that the service repeats is in no answer", async () => {
  for (const status of [400, 401, 418, 500]) {
    const given = new Response(errorBody("token SECRET.1 is bad"), { status });
    const text = await (await explainFailure(given, ["SECRET.1"])).text();
    assert(!text.includes("SECRET"), text);
  }
});

Deno.test("contract 13: errorResponse() has OpenAI's error shape", async () => {
  const answer = errorResponse(400, "invalid_request", "too many");
  assertEquals([answer.status, answer.headers.get("content-type")], [400, "application/json"]);
  assertEquals(await answer.json(), {
    error: { message: "too many", type: "kimi_invalid_request" },
  });
});

Deno.test("contract 13: the error of an unknown model lists the account's models", () => {
  const message = (models?: readonly string[]) =>
    readFailure(404, errorBody("Not found the model"), undefined, { models }).message;
  assertMatch(
    message(["kimi-for-coding", "k3"]),
    /another one\. The account has kimi-for-coding, k3\. /,
  );
  assert(!message([]).includes("The account has") && !message().includes("The account has"));
  assert(!message(["k-503", "k3"]).includes("503"), "what would make opencode retry is left out");
});
