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
import { afterAnswer } from "../../support/opencode/retry.ts";

function errorBody(message: string, type = "error"): string {
  return JSON.stringify({ error: { message, type } });
}

const LOGIN = 'run opencode auth login -p kimi-for-coding-oauth -m "Kimi account (kimi.com)"';

/** Status, type, what the service says; then what it means, whether to retry, what is said of it. */
type Row = readonly [number, string, string, string, boolean, string];

/** The rows of the service's error reference, and of reported answers. */
const ANSWERS: readonly Row[] = [
  [401, "", "The API Key appears to be invalid or may have expired", "token", false, LOGIN],
  [401, "invalid_authentication_error", "Invalid Authentication", "token", false, LOGIN],
  [402, "", "unable to verify your membership benefits", "plan", false, "kimi.com/code"],
  [
    ...[
      403,
      "access_terminated_error",
      "Kimi For Coding is currently only available for Coding " +
      "Agents such as Kimi CLI, Claude Code, Roo Code, Kilo Code, etc.",
    ] as const,
    ...["client_gate", false, '"client": "opencode"'] as const,
  ],
  [
    ...[
      403,
      "access_terminated_error",
      "You've reached your usage limit for this billing cycle",
    ] as const,
    ...["quota", false, "quota is used up"] as const,
  ],
  [403, "access_terminated_error", "weekly (7-day) usage limit", "quota", false, "reset"],
  [
    ...[
      403,
      "access_terminated_error",
      "Access terminated. Review our Community Guidelines",
    ] as const,
    ...["ban", false, "closed"] as const,
  ],
  [
    ...[403, "access_terminated_error", "Your access has been terminated"] as const,
    ...[
      "request",
      false,
      "see https://www.kimi.com/code. Kimi says: Your access has been …",
    ] as const,
  ],
  [
    ...[429, "engine_overloaded_error", "The engine is currently overloaded"] as const,
    ...["capacity", true, "overloaded"] as const,
  ],
  [
    ...[429, "rate_limit_reached_error", "We're receiving too many requests"] as const,
    ...["rate", true, "too many requests"] as const,
  ],
  [429, "exceeded_current_quota_error", "You exceeded your quota", "quota", false, "quota"],
  [429, "rate_limit_error", "Insufficient balance", "account", false, "no balance left"],
  [429, "rate_limit_error", "in arrears, please recharge", "account", false, "in arrears"],
  [429, "exceeded_current_quota_error", "Account suspended", "account", false, "is suspended"],
  [403, "exceeded_current_quota_error", "Account suspended", "account", false, "is suspended"],
  [
    ...[
      429,
      "rate_limit_reached_error",
      "Request exceeded the token quota per minute (TPM: 100000), please try again in 1 s",
    ] as const,
    ...["rate", true, "TPM: 100000), please try again in 1 s"] as const,
  ],
  [429, "rate_limit_reached_error", "over the quota", "rate", true, "too many requests"],
  [429, "", "quota of 50 RPM reached", "rate", true, "too many requests"],
  [429, "", "max organization concurrency: 3", "rate", true, "too many requests"],
  [429, "", "usage limit for this period", "quota", false, "quota is used up"],
  [400, "", "total message size 3000000 exceeds limit 2097152", "too_large", false, "/compact"],
  [400, "", "exceeded model token limit: 262144", "too_large", false, "/compact"],
  [400, "", "Input token length too long", "too_large", false, "/compact"],
  [400, "context_length_exceeded", "too many", "too_large", false, "/compact"],
  [413, "", "", "too_large", false, "/undo"],
  [400, "", "thinking is enabled but reasoning_content is missing", "request", false, "Kimi says"],
  [400, "", "The request was considered high risk", "moderation", false, "high risk"],
  [400, "", "a max of 128 tools can be supported", "request", false, "a max of 128 tools"],
  [404, "", "Not found the model kimi-for-coding or Permission denied", "model", false, "another"],
  [500, "", "boom", "server", true, "has a failure"],
  [502, "", "", "server", true, "has a failure"],
  [503, "", "down", "server", true, "has a failure"],
  [503, "", "The engine is overloaded", "capacity", true, "overloaded"],
  [504, "", "", "server", true, "has a failure"],
];

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
