/** What each known answer means, and what opencode does after it. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { explainFailure, readFailure } from "../../../lib/kimi/errors/api_error.ts";
import { PLAIN_WORDS } from "../../../lib/kimi/errors/error_words.ts";
import { loginCommand } from "../../../lib/kimi/identity/login_messages.ts";
import { OPENCODE_WORDS } from "../../../lib/opencode/error_words.ts";
import { ANSWERS } from "./answers.ts";
import { afterAnswer } from "../../support/opencode/retry.ts";

function errorBody(message: string, type = "error"): string {
  return JSON.stringify({ error: { message, type } });
}

Deno.test("contract 13: each known answer says what happened and what to do", () => {
  for (const [status, type, message, kind, retry, says] of ANSWERS) {
    const body = message === "" ? "<html>" : errorBody(message, type);
    const failure = readFailure(status, body, null, { words: OPENCODE_WORDS });
    assertEquals([failure.kind, failure.retry], [kind, retry], message);
    assertStringIncludes(failure.message, says);
    assert(!failure.message.split(". Kimi says: ")[0]?.endsWith("."), failure.message);
  }
});

Deno.test("contract 13: without words of the host no message names opencode or its commands", () => {
  for (const [status, type, message] of ANSWERS) {
    const failure = readFailure(status, message === "" ? "<html>" : errorBody(message, type));
    assertNotMatch(failure.message, /opencode (?:auth|run)|\/undo|\/compact|plugin/);
  }
  assertEquals(Object.keys(OPENCODE_WORDS), Object.keys(PLAIN_WORDS));
  assertEquals(OPENCODE_WORDS.login, `run ${loginCommand()}`);
});

Deno.test("contract 13: an overflow has the code after which opencode compacts, whatever its words", async () => {
  const errors = [
    { message: "total message size 3000000 exceeds limit 2097152", type: "invalid_request_error" },
    { message: "Input token length too long", type: "invalid_request_error" },
    { message: "no", code: "context_length_exceeded" },
    { message: "exceeded model token limit: 262144 (requested: 285003)" },
  ];
  for (const error of errors) {
    const answer = await explainFailure(new Response(JSON.stringify({ error }), { status: 400 }));
    const { type, code } = (await answer.json()).error;
    assertEquals([answer.status, type, code], [
      400,
      "kimi_too_large",
      "context_length_exceeded",
    ]);
  }
});

Deno.test("a refused limit of tokens to answer with is not an overflow", () => {
  const body = errorBody("max_completion_tokens must be below the token limit");
  assertEquals(readFailure(400, body).kind, "request");
});

Deno.test("contract 13: a refused identity that worked before says to wait first", () => {
  const body = errorBody("only available for Coding Agents");
  const { message } = readFailure(403, body, null, { hasWorked: true, words: OPENCODE_WORDS });
  assertMatch(
    message,
    /identity: it was accepted before, so wait a while; if it stays so, set the plugin option/,
  );
  assertNotMatch(readFailure(403, body).message, /wait/);
});

Deno.test("contract 13: a refused identity names kimi-code first, and never the client in force", () => {
  const body = errorBody("only available for Coding Agents");
  const rows = [
    [undefined, ["kimi-code", "opencode"]],
    ["kimi-cli", ["kimi-code", "opencode"]],
    ["kimi-code", ["opencode"]],
    ["opencode", ["kimi-code"]],
  ] as const;
  for (const [client, expected] of rows) {
    for (const words of [undefined, OPENCODE_WORDS]) {
      const { message } = readFailure(403, body, null, { client, words });
      const named = [...message.matchAll(/"client": "([a-z-]+)"/g)].map(([, name]) => name);
      assertEquals(named, [...expected]);
      assertMatch(message, /identity: set (?:the plugin option )?"client": /);
    }
  }
});

Deno.test("contract 13: each known answer makes both releases of opencode retry, compact or stop", async () => {
  for (const [status, type, said, kind, retry] of ANSWERS) {
    const body = said === "" ? "<html>" : errorBody(said, type);
    const answer = await explainFailure(new Response(body, { status }));
    const wanted = retry ? "retry" : kind === "too_large" ? "compact" : "stop";
    assertEquals(afterAnswer(answer.status, await answer.text()), [wanted, wanted], said);
  }
});
