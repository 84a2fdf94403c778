/** createKimi without a network: options, store, login, models and usage. */

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { createKimi } from "../../../lib/client/kimi.ts";
import { memoryStore } from "../../../lib/client/tokens/login_store.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { fakeEnvironment } from "../../support/environment.ts";
import { oauthError, tokenAnswer } from "../fixtures.ts";
import { asked, bodyOf, made, newLogin, OPENAI, post } from "./fixtures.ts";

Deno.test("createKimi throws a TypeError that names a wrong option", () => {
  const right = { environment: fakeEnvironment(), store: memoryStore() };
  const cases: readonly (readonly [options: unknown, message: string])[] = [
    [undefined, "createKimi: the options must be an object"],
    [{}, 'createKimi: "environment" must be an object'],
    [
      { ...right, client: "x" },
      'createKimi: "client" must be "kimi-cli" or "kimi-code" or "opencode", not "x"',
    ],
    [
      { ...right, client: null },
      'createKimi: "client" must be "kimi-cli" or "kimi-code" or "opencode", not null',
    ],
    [{ ...right, region: "eu" }, 'createKimi: "region" must be "com" or "ai", not "eu"'],
    [{ ...right, hosts: "x" }, 'createKimi: "hosts.oauth" must be a URL, not undefined'],
    [
      { ...right, hosts: { oauth: "https://auth.kimi.com", api: "api" } },
      'createKimi: "hosts.api" must be a URL, not "api"',
    ],
    [{ ...right, store: {} }, 'createKimi: "store.read" must be a function'],
    [
      { ...right, environment: { ...right.environment, fetch: 1 } },
      'createKimi: "environment.fetch" must be a function',
    ],
    [
      { ...right, environment: { ...right.environment, variables: undefined } },
      'createKimi: "environment.variables" must be an object',
    ],
    [{ ...right, regoin: "ai" }, 'createKimi: "regoin" is not an option'],
  ];
  for (const [options, message] of cases) {
    const error = assertThrows(() => Reflect.apply(createKimi, undefined, [options]), TypeError);
    assertEquals(error.message, message);
  }
});

Deno.test("a store that fails is a KimiError with its cause", async () => {
  const cause = new Error("disk on fire");
  const fails = () => Promise.reject(cause);
  const { kimi } = made({ store: { ...memoryStore(), read: fails } });
  for (const work of [kimi.models, kimi.usage, () => kimi.fetch(OPENAI, post(asked()))]) {
    const error = await assertRejects<KimiError>(work, KimiError);
    assertEquals(error.code, "not_stored");
    assertEquals(error.message, "The stored login cannot be read: disk on fire");
    assertStrictEquals(error.cause, cause);
  }
});

Deno.test("a stored login that is not a login is a KimiError with its cause", async () => {
  for (const stored of [{}, "token", { type: "oauth", access: "a", refresh: "r", expires: 1 }]) {
    const read = () => Promise.resolve(JSON.parse(JSON.stringify(stored)));
    const { kimi, environment } = made({ store: { ...memoryStore(), read } });
    const error = await assertRejects<KimiError>(() => kimi.usage(), KimiError);
    assertEquals([error.code, error.cause instanceof TypeError], ["not_stored", true]);
    assert(error.message.includes("fromAuthEntry()"), error.message);
    assertEquals(environment.sent, []);
  }
});

Deno.test("a KimiError of the store is passed on as it is", async () => {
  const own = new KimiError("not_stored", "the file is broken");
  const read = () => Promise.reject(own);
  const { kimi } = made({ store: { ...memoryStore(), read } });
  assertStrictEquals(await assertRejects(() => kimi.usage(), KimiError), own);
});

Deno.test("a page with a 401 spends no refresh token, for the models and for the usage", async () => {
  const headers = { "content-type": "text/html" };
  const { kimi, environment } = made({ answer: () => new Response("", { status: 401, headers }) });
  for (const work of [kimi.models, kimi.usage]) {
    const error = await assertRejects<KimiError>(work, KimiError);
    assertEquals([error.code, error.status], ["invalid_answer", 401]);
  }
  assertEquals(environment.sent.length, 2);
});

const DEVICE_ANSWER = {
  device_code: "d",
  user_code: "WDJB-MJHT",
  verification_uri: "https://www.kimi.com/code",
  expires_in: 600,
};

Deno.test("login() shows the code, waits for the user and stores the login", async () => {
  const answers = [
    Response.json(DEVICE_ANSWER),
    oauthError("authorization_pending"),
    tokenAnswer(1),
  ];
  const { kimi, environment, store } = made({
    answer: () => answers.shift() ?? Response.error(),
    stored: undefined,
  });
  const shown: unknown[] = [];
  const start = environment.time;
  await kimi.login({ onVerification: (verification) => void shown.push(verification) });
  const { user_code: userCode, verification_uri: verificationUri } = DEVICE_ANSWER;
  assertEquals(shown, [{ verificationUri, userCode, expiresAt: start + 600_000 }]);
  assertEquals((await store.read())?.access, "SECRET-a1");
  assertEquals(
    environment.sent.map(({ url }) => new URL(url).host),
    Array(3).fill("auth.kimi.com"),
  );
});

Deno.test("login() at kimi.ai keeps the hosts of that region with the login", async () => {
  const answers = [Response.json(DEVICE_ANSWER), tokenAnswer(1)];
  const answer = () => answers.shift() ?? Response.json({});
  const { kimi, environment, store } = made({ answer, stored: undefined, region: "ai" });
  await kimi.login({ onVerification: () => {} });
  assertEquals((await store.read())?.hosts?.api, "https://api.kimi.ai/coding/v1");
  await kimi.fetch(OPENAI, post(asked()));
  assertEquals(environment.sent.map(({ url }) => new URL(url).host), [
    ...["auth.kimi.ai", "auth.kimi.ai", "api.kimi.ai"],
  ]);
});

Deno.test("login() rejects, and stores nothing, if it is aborted or the code cannot be shown", async () => {
  const { kimi, store } = made({ answer: () => Response.json(DEVICE_ANSWER), stored: undefined });
  const failure = new Error("no screen");
  const onVerification = () => Promise.reject(failure);
  assertStrictEquals(await kimi.login({ onVerification }).catch((error) => error), failure);
  const signal = AbortSignal.abort();
  const error = await assertRejects<KimiError>(
    () => kimi.login({ onVerification: () => {}, signal }),
    KimiError,
  );
  assertEquals([error.code, await store.read()], ["aborted", undefined]);
  const wrong = await kimi.login(JSON.parse("{}")).catch((error) => error);
  assertEquals(String(wrong), 'TypeError: login: "onVerification" must be a function');
});

Deno.test("models() asks again after a 401, and fetch knows the models from then on", async () => {
  const data = [{ id: "k9", context_length: 5_000 }];
  const { kimi, environment } = made({
    answer: ({ url, headers }) => {
      if (url.endsWith("/token")) return tokenAnswer(1);
      const isNew = headers.authorization === "Bearer SECRET-a1";
      return isNew ? Response.json({ data }) : Response.json({}, { status: 401 });
    },
  });
  assertEquals((await kimi.models()).map(({ id, contextLength }) => [id, contextLength]), [
    ["k9", 5_000],
  ]);
  await kimi.fetch(OPENAI, post({ ...asked(), model: "k9" }));
  const { max_completion_tokens } = bodyOf(environment);
  assert(typeof max_completion_tokens === "number" && max_completion_tokens < 5_000);
});

Deno.test("usage() gives the windows of the plan", async () => {
  const usages = { limit_5h: { used_ratio: 0.25, reset_time: "2027-01-15T12:00:00Z" } };
  const { kimi } = made({ answer: () => Response.json({ usages }) });
  const { windows } = await kimi.usage();
  assertEquals(windows.map(({ name, usedShare }) => [name, usedShare]), [["5 hours", 0.25]]);
});

Deno.test("models() and usage() end once the refresh beside them is stored: the program may exit then", async () => {
  for (const ask of ["models", "usage"] as const) {
    const { kimi, store } = made({
      stored: newLogin(400),
      answer: async ({ url }) => {
        if (!url.endsWith("/token")) return Response.json({ data: [], usages: {} });
        await new Promise((resolve) => setTimeout(resolve, 20));
        return tokenAnswer(`-anew-${ask}`);
      },
    });
    await kimi[ask]().catch(() => {});
    assertEquals((await store.read())?.refresh, `SECRET-r-anew-${ask}`);
  }
});
