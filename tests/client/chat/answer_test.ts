/** Each 200 is a whole answer, or an error. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { ChatOptions } from "../../../lib/client/chat/chat_options.ts";
import { wouldRetry } from "../../../lib/kimi/errors/opencode_retry.ts";
import { afterAnswer, retriedByOld } from "../../support/opencode/retry.ts";
import { chatSetup, FINISH, init, readError, URL_OF_CHAT } from "./fixtures.ts";

const HELLO = '{"choices":[{"index":0,"delta":{"content":"Hello"}}]}';
const BODY = { model: "kimi-for-coding", messages: [{ role: "user", content: "x" }], stream: true };

/** Asks a streamed question that is answered so. */
async function ask(answer: Response, options: Partial<ChatOptions> = {}): Promise<Response> {
  const { talk } = await chatSetup(() => answer, { options });
  const body = JSON.stringify(talk.transformRequestBody(BODY));
  return await talk.fetch(URL_OF_CHAT, init({ body }));
}

function stream(...data: readonly string[]): Response {
  return new Response(data.map((event) => `data: ${event}\n\n`).join(""), {
    headers: { "content-type": "text/event-stream" },
  });
}

/** The message that the end of a streamed answer fails with. */
async function failureOf(...data: readonly string[]): Promise<string> {
  const answer = await ask(stream(...data));
  assertEquals(answer.status, 200);
  const error = await assertRejects(() => answer.text(), Error);
  return error.message;
}

Deno.test("an answer that is whole is passed on", async () => {
  const text = `data: ${HELLO}\n\ndata: ${FINISH}\n\n`;
  assertEquals(await (await ask(stream(HELLO, FINISH))).text(), text);
});

Deno.test("an answer that broke off is a lost connection, after which opencode asks again", async () => {
  const message = await failureOf(HELLO);
  assertEquals(message, "Connection lost: Kimi's answer broke off");
  assertEquals(wouldRetry(message), true);
  assertEquals(await failureOf("[DONE]"), "Connection lost: Kimi's answer was empty");
});

Deno.test("a finish reason that OpenAI's API does not know is logged and read as stop", async () => {
  const { talk, environment } = await chatSetup(() => stream(FINISH.replace("stop", "eos")));
  const body = JSON.stringify(talk.transformRequestBody(BODY));
  const text = await (await talk.fetch(URL_OF_CHAT, init({ body }))).text();
  assertStringIncludes(text, '"finish_reason":"stop"');
  assertStringIncludes(environment.logs.join(), 'An answer ended with the reason "eos"');
});

Deno.test("an answer that Kimi's content filter ended is a final error where the host shows none", async () => {
  const end = FINISH.replace("stop", "content_filter");
  for (const before of [[], [HELLO]]) {
    const shown = await failureOf(...before, end);
    assertEquals(
      shown,
      "Kimi's content filter stopped the answer: change the last message, or start a new session",
    );
    assertEquals(wouldRetry(shown), false);
    const text = [...before, end].map((event) => `data: ${event}\n\n`).join("");
    const passed = await ask(stream(...before, end), { passesFiltered: true });
    assertEquals(await passed.text(), text);
  }
});

const EVENTS: readonly (readonly [name: string, event: unknown, words: string, retry: boolean])[] =
  [
    [
      "an overload",
      { error: { type: "engine_overloaded_error", message: "The engine is currently overloaded" } },
      "Connection lost: Kimi's engine is overloaded",
      true,
    ],
    [
      "a quota",
      {
        error: {
          type: "exceeded_current_quota_error",
          message: "You've reached your usage limit for this billing cycle",
        },
      },
      "The plan's quota is used up",
      false,
    ],
    [
      "high risk",
      { error: { message: "The request was rejected because it was considered high risk" } },
      "Kimi considers the request high risk",
      false,
    ],
    [
      "a quota per minute",
      {
        error: {
          type: "rate_limit_reached_error",
          message: "Request exceeded the token quota per minute, please try again in 1 s",
        },
      },
      "Connection lost: Kimi receives too many requests",
      true,
    ],
    [
      "an account without balance",
      { error: { type: "rate_limit_error", message: "Insufficient balance" } },
      "This account has no balance left",
      false,
    ],
    [
      "a refused identity",
      { error: { message: "only available for Coding Agents", type: "access_terminated_error" } },
      "Kimi refused this client's identity",
      false,
    ],
    [
      "an overflow",
      { error: { type: "invalid_request_error", message: "Input token length too long" } },
      "The conversation is too long for the model",
      false,
    ],
    [
      "a refused request",
      { error: { type: "invalid_request_error", message: "no" } },
      "Kimi refused the request",
      false,
    ],
    [
      "a refused login",
      { error: { type: "invalid_authentication_error", message: "Invalid Authentication" } },
      "Kimi refuses this account",
      false,
    ],
    ["an error that is a text", { error: "internal" }, "Kimi's service has a failure", true],
  ];

for (const [name, event, words, retry] of EVENTS) {
  Deno.test(`${name} in a stream is explained as the status that means the same`, async () => {
    for (const before of [[], [HELLO]]) {
      const message = await failureOf(...before, JSON.stringify(event));
      assertStringIncludes(message, words);
      assertEquals(wouldRetry(message), retry, message);
    }
  });
}

Deno.test("an error that is JSON in place of a stream is explained, and keeps its kind", async () => {
  for (const [, event, words, retry] of EVENTS) {
    const { message, status } = await readError(await ask(Response.json(event)));
    assertStringIncludes(message, words);
    assertEquals([429, 500].includes(status), retry, `${status}`);
  }
});

Deno.test("an overload or a rate in a stream makes opencode 1.14.34 ask again too", async () => {
  for (const [, event, words, retry] of EVENTS) {
    if (words.includes("service has a failure")) continue;
    const message = await failureOf(JSON.stringify(event));
    assertEquals(retriedByOld(message), retry, message);
  }
});

Deno.test("an overflow that is JSON in place of a stream makes opencode compact", async () => {
  const error = { message: "total message size 3000000 exceeds limit 2097152" };
  const { status, text } = await readError(await ask(Response.json({ error })));
  assertEquals(afterAnswer(status, text), ["compact", "compact"]);
});

Deno.test("a web page in place of an answer is called that, and is not shown", async () => {
  const page = new Response("<html>log in to the hotel</html>", {
    headers: { "content-type": "text/html; charset=utf-8" },
  });
  const { message, status, text } = await readError(await ask(page));
  assertStringIncludes(message, "a web page");
  assertEquals([status, text.includes("hotel")], [503, false]);
});

Deno.test("anything else in place of a stream is a lost connection", async () => {
  for (const answer of [Response.json({ id: "x", choices: [] }), new Response("OK")]) {
    const { message, status } = await readError(await ask(answer));
    assertStringIncludes(message, "Connection lost: api.kimi.com answered with something else");
    assertEquals(status, 503);
  }
});
