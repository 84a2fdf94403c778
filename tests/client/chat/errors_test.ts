import { assertEquals, assertMatch, assertNotMatch, assertStringIncludes } from "@std/assert";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { wouldRetry } from "../../../lib/kimi/errors/opencode_retry.ts";
import type { Answer } from "../../support/environment.ts";
import {
  apiError,
  assertFinal,
  chatSetup,
  events,
  init,
  readError,
  URL_OF_CHAT,
} from "./fixtures.ts";
import { REGIONS } from "../../../lib/kimi/identity/regions.ts";
import { html, login, NOT_LOGGED_IN, oauthError, REJECTED } from "../fixtures.ts";

const done: Answer = () => events("[DONE]");
const offline: Answer = () => Promise.reject(new TypeError("getaddrinfo ENOTFOUND"));

Deno.test("without a login, a request is answered with how to log in", async () => {
  const { talk, environment } = await chatSetup(done, { stored: undefined });
  const error = await assertFinal(await talk.fetch(URL_OF_CHAT, init()));
  assertEquals([error.status, error.message], [401, NOT_LOGGED_IN]);
  assertEquals(environment.sent, []);
});

Deno.test("contract 13: a rejected login is answered with what to do", async () => {
  const oauth = () => oauthError("invalid_grant");
  const due = await chatSetup(done, { stored: login(0), oauth });
  const before = await assertFinal(await due.talk.fetch(URL_OF_CHAT, init()));
  assertEquals([before.status, before.message, due.chats()], [401, REJECTED, []]);
  const refused = await chatSetup(() => apiError(401, "x", "no"), { oauth });
  const after = await assertFinal(await refused.talk.fetch(URL_OF_CHAT, init()));
  assertEquals([after.status, after.message, refused.chats().length], [401, REJECTED, 1]);
});

for (
  const base of [
    "https://proxy.example/v1",
    "http://api.kimi.com/coding/v1",
    "http://proxy.example/v1",
    "https://kimi.com.example/v1",
    "https://fakekimi.com/v1",
    "http://127.0.0.1.example/v1",
    "not a URL",
  ]
) {
  Deno.test(`contract 8: no token goes to ${base}`, async () => {
    for (const left of [900, 0]) {
      const { talk, chats } = await chatSetup(done, {
        stored: login(left),
        variables: { KIMI_CODE_BASE_URL: base },
      });
      const error = await assertFinal(await talk.fetch(`${base}/chat/completions`, init()));
      assertEquals([error.status, chats()], [400, []]);
      assertMatch(error.message, /^[^\n]+$/);
    }
  });
}

Deno.test("contract 8: tokens go to the login's region, loopback, and the hosts of the login", async () => {
  const known = { oauth: "https://auth.example", api: "https://proxy.example/v1" };
  const bases = [
    ["https://api.kimi.com/coding/v1", undefined],
    ["https://kimi.ai/x", REGIONS.ai],
    ["http://localhost:8080/v1", known],
    ["http://127.0.0.1:8080/v1", REGIONS.ai],
    ["http://[::1]:8080/v1", undefined],
    ["https://proxy.example/v1", known],
  ] as const;
  for (const [base, hosts] of bases) {
    const { talk, chats } = await chatSetup(done, {
      stored: login(900, "0", hosts),
      variables: { KIMI_CODE_BASE_URL: base },
    });
    assertEquals((await talk.fetch(`${base}/chat/completions`, init())).status, 200, base);
    assertEquals(chats()[0]?.headers.authorization, "Bearer SECRET-a0");
  }
});

Deno.test("contract 8: one region's login is not sent to the other's API, and the message says so", async () => {
  for (
    const [base, hosts] of [[REGIONS.ai.api, undefined], [REGIONS.com.api, REGIONS.ai]] as const
  ) {
    const { talk, environment } = await chatSetup(done, {
      stored: login(900, "0", hosts),
      variables: { KIMI_CODE_BASE_URL: base },
    });
    const error = await assertFinal(await talk.fetch(`${base}/chat/completions`, init()));
    assertMatch(error.message, /of the other region: unset that host, or run opencode/);
    assertEquals(environment.sent, []);
  }
});

Deno.test("contract 13: a part of a host's name that makes opencode retry is omitted", async () => {
  const names = [
    ["api-429.example", /not sent to api-….example: it was not configured when you logged in/],
    ["overloaded.example", /not sent to ….example: /],
    ["rateoverloadedlimit.example", /^Kimi: the request could not be sent$/],
  ] as const;
  for (const [name, says] of names) {
    const { talk } = await chatSetup(done, {
      variables: { KIMI_CODE_BASE_URL: `https://${name}/v1` },
    });
    const error = await assertFinal(await talk.fetch(`https://${name}/v1/chat`, init()));
    assertMatch(error.message, says);
  }
});

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`contract 8: a ${status} is not followed, and is an error that says so`, async () => {
    const headers = { Location: "https://elsewhere.example/v1/chat/completions" };
    const { talk, environment } = await chatSetup(() => new Response(null, { status, headers }));
    const error = await assertFinal(await talk.fetch(URL_OF_CHAT, init()));
    assertMatch(error.message, /redirect.+not followed/);
    assertEquals(environment.sent.map(({ redirect }) => redirect), ["manual"]);
  });
}

Deno.test("contract 8: a refresh token does not follow a redirect of the OAuth host", async () => {
  const headers = { Location: "https://elsewhere.example/api/oauth/token" };
  const oauth = () => new Response(null, { status: 307, headers });
  const { talk, environment } = await chatSetup(done, { stored: login(0), oauth });
  await assertFinal(await talk.fetch(URL_OF_CHAT, init()));
  assertEquals(environment.sent.map(({ redirect, url }) => [redirect, new URL(url).host]), [
    ["manual", "auth.kimi.com"],
  ]);
});

Deno.test("a refresh that may succeed later is answered so that opencode tries again", async () => {
  for (const oauth of [offline, () => html(503), () => html(429)]) {
    const { talk, chats } = await chatSetup(done, { stored: login(0), oauth });
    const error = await readError(await talk.fetch(URL_OF_CHAT, init()));
    assertEquals([error.status, chats()], [503, []]);
    assertMatch(error.message, /^Token refresh/);
  }
});

Deno.test("contract 13: a refresh that cannot succeed is answered so that opencode stops", async () => {
  const answers: readonly Answer[] = [
    () => html(200),
    () => html(403),
    () => Response.json({ access_token: "SECRET" }),
    () => oauthError("invalid_client"),
    () => Response.json({ error: "e", error_description: "try again later" }, { status: 400 }),
    () => Response.json({ error: "e", error_description: "see 500" }, { status: 400 }),
  ];
  for (const oauth of answers) {
    const { talk, chats } = await chatSetup(done, { stored: login(0), oauth });
    const error = await assertFinal(await talk.fetch(URL_OF_CHAT, init()));
    assertEquals([error.status, chats()], [400, []]);
    assertNotMatch(error.text, /SECRET/);
  }
});

Deno.test("contract 13: the error of a refused client names the option", async () => {
  const { talk } = await chatSetup(() =>
    apiError(
      403,
      "access_terminated_error",
      "Kimi For Coding is currently only available for Coding Agents such as Kimi CLI.",
    )
  );
  const error = await assertFinal(await talk.fetch(URL_OF_CHAT, init()));
  assertEquals(error.status, 403);
  assertMatch(error.message, /"client": "kimi-code" .*"client": "opencode"/);
});

Deno.test("contract 13: an API error keeps its status and says what to do", async () => {
  const rows = [
    [400, "invalid_request_error", "unknown field", /^Kimi refused the request/],
    [402, "payment_required", "no", /membership/],
    [403, "exceeded_current_quota_error", "usage limit reached", /quota/],
    [404, "resource_not_found_error", "no such model", /does not know the model/],
  ] as const;
  for (const [status, type, said, message] of rows) {
    const { talk } = await chatSetup(() => apiError(status, type, said));
    const error = await assertFinal(await talk.fetch(URL_OF_CHAT, init()));
    assertEquals(error.status, status);
    assertMatch(error.message, message);
  }
});

Deno.test("contract 13: the refusal of too many tools does not make opencode retry", async () => {
  const { talk } = await chatSetup(done);
  for (const count of [129, 200, 429, 500]) {
    const tools = Array.from({ length: count }, (_, index) => ({
      type: "function",
      function: { name: `tool_${index}`, parameters: { type: "object", properties: {} } },
    }));
    try {
      talk.transformRequestBody({ model: "kimi-for-coding", messages: [], tools });
      throw new Error("it was not refused");
    } catch (error) {
      const known = error instanceof KimiError ? error : undefined;
      assertEquals(known?.code, "invalid_request", String(error));
      assertStringIncludes(known?.message ?? "", "128");
      assertEquals(wouldRetry(known?.message ?? ""), false, known?.message);
    }
  }
});
