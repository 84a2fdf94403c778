import { assertEquals, assertMatch } from "@std/assert";
import { createRefreshMemory } from "../../../lib/client/tokens/login_store.ts";
import { VERSION } from "../../../lib/kimi/identity/constants.ts";
import { createHooks } from "../../../lib/opencode/v1/hooks.ts";
import { events } from "../../client/chat/fixtures.ts";
import { NOT_LOGGED_IN, rotating, tokenAnswer } from "../../client/fixtures.ts";
import type { Answer, SentRequest } from "../../support/environment.ts";
import {
  API,
  ask,
  body,
  configured,
  ID,
  oauthEntry,
  plugin,
  sdkPart,
  settled,
  started,
} from "./fixtures.ts";

/** Answers by path: no models, and what is given for chat and OAuth. */
function service(chat: Answer, oauth: Answer = rotating()): Answer {
  return (request) => {
    if (request.url.endsWith("/models")) return Response.json({ data: [] });
    return request.url.endsWith("/token") ? oauth(request) : chat(request);
  };
}

const done: Answer = () => events("[DONE]");

function chatsOf(sent: readonly SentRequest[]): readonly SentRequest[] {
  return sent.filter(({ url }) => url.endsWith("/chat/completions"));
}

Deno.test("without a login, a request is answered with the login command", async () => {
  const made = plugin({ entry: undefined });
  const { options } = await configured(made);
  const answer = await ask(sdkPart(options));
  assertEquals((await answer.json()).error.message, NOT_LOGGED_IN);
  assertEquals([answer.status, made.environment.sent], [401, []]);
});

Deno.test("the functions of the config hook use the login once the loader has run", async () => {
  const made = plugin({ answer: service(done) });
  const { options } = await configured(made);
  await made.hooks.auth.loader(made.opencode.getAuth);
  assertEquals((await ask(sdkPart(options))).status, 200);
  const [sent] = chatsOf(made.environment.sent);
  assertEquals(sent?.url, `${API}/chat/completions`);
  assertEquals(sent?.headers.authorization, "Bearer SECRET-a0");
});

Deno.test("the loader returns transformRequestBody and fetch only", async () => {
  const { hooks, opencode } = plugin({ answer: service(done) });
  const loaded = await hooks.auth.loader(opencode.getAuth, {});
  assertEquals(Object.keys(loaded).sort(), ["fetch", "transformRequestBody"]);
  assertEquals(Object.values(loaded).map((value) => typeof value), ["function", "function"]);
});

Deno.test("contract 12: the loader returns an object for any input", async () => {
  const auths: readonly (() => Promise<unknown>)[] = [
    () => Promise.resolve(undefined),
    () => Promise.resolve({ type: "api", key: "k" }),
    () => Promise.reject(new Error("EIO")),
    () => {
      throw new Error("at once");
    },
  ];
  for (const getAuth of auths) {
    for (const provider of [undefined, null, "x", { models: null }, { models: {} }]) {
      const { hooks, environment } = plugin();
      const loaded = await hooks.auth.loader(getAuth, provider);
      assertEquals(typeof loaded.fetch, "function");
      await settled();
      assertEquals(environment.sent, []);
    }
  }
});

Deno.test("the loader does not change the provider object", async () => {
  const { hooks, opencode } = plugin({ answer: service(done) });
  const given = { id: ID, models: { "kimi-for-coding": { options: { a: 1 } } }, options: {} };
  const before = structuredClone(given);
  await hooks.auth.loader(opencode.getAuth, given);
  await settled();
  assertEquals(given, before);
});

Deno.test("a token that is refreshed is stored through opencode, with integer expires", async () => {
  const made = plugin({ answer: service(done), entry: oauthEntry(10.5) });
  const sdk = await started(made);
  assertEquals((await ask(sdk)).status, 200);
  assertEquals(made.opencode.set, [{
    [ID]: {
      type: "oauth",
      access: "SECRET-a1",
      refresh: "SECRET-r1",
      expires: made.environment.time + 900_000,
    },
  }]);
});

Deno.test("two instances of opencode in one process share a refresh", async () => {
  const one = plugin({ answer: service(done), entry: oauthEntry(0) });
  const memory = { memory: createRefreshMemory(), notices: { told: new Map() } };
  const { environment, opencode } = one;
  const instances = [1, 2].map(() => createHooks(environment, opencode.client, undefined, memory));
  const sdks = await Promise.all(instances.map((hooks) => started({ ...one, hooks })));
  const answers = await Promise.all(sdks.flatMap((sdk) => [ask(sdk), ask(sdk)]));
  assertEquals(answers.map(({ status }) => status), [200, 200, 200, 200]);
  assertEquals(environment.sent.filter(({ url }) => url.endsWith("/token")).length, 1);
});

Deno.test("with OPENCODE_AUTH_CONTENT, a hundred refreshes cost no login", async () => {
  const made = plugin({ answer: service(done), entry: oauthEntry(0) });
  const kept = structuredClone(made.opencode.entry);
  const sdk = await started(made);
  for (let turn = 1; turn <= 100; turn++) {
    const answer = await ask(sdk);
    assertEquals(answer.status, 200);
    await answer.text();
    made.opencode.entry = kept;
    made.environment.time += 600_000;
  }
  const loud = made.environment.logs.filter((line) => !line.startsWith("debug:"));
  assertEquals([made.opencode.set.length, loud], [100, []]);
});

Deno.test("an opencode that refuses the entry costs a log line, not the request", async () => {
  const made = plugin({ answer: service(done), entry: oauthEntry(0) });
  Object.assign(made.opencode.client.auth, {
    set: () => Promise.resolve({ error: { name: "BadRequest" } }),
  });
  const sdk = await started(made);
  assertEquals([(await ask(sdk)).status, (await ask(sdk)).status], [200, 200]);
  assertEquals(made.environment.logs.length, 1);
  assertMatch(made.environment.logs[0] ?? "", /could not be stored: .*BadRequest/);
  assertEquals(made.environment.sent.filter(({ url }) => url.endsWith("/token")).length, 1);
});

Deno.test("the next request uses a login that opencode made since", async () => {
  const made = plugin({ answer: service(done) });
  const sdk = await started(made);
  made.opencode.entry = oauthEntry(900, { access: "SECRET-a7", refresh: "SECRET-r7" });
  await ask(sdk);
  made.opencode.entry = undefined;
  assertEquals((await ask(sdk)).status, 401);
  const sent = chatsOf(made.environment.sent);
  assertEquals(sent.map(({ headers }) => headers.authorization), ["Bearer SECRET-a7"]);
});

const CN = "https://auth.kimi.com https://api.kimi.com/coding/v1";
const GLOBAL = "https://auth.kimi.ai https://api.kimi.ai/coding/v1";
const REGIONS = [
  ["of a login of the other region", GLOBAL, {}, {}, "https://api.kimi.ai/coding/v1"],
  ["of a login of the default region", CN, {}, {}, API],
  [
    "of a login, beside a default option",
    GLOBAL,
    { baseURL: API },
    {},
    "https://api.kimi.ai/coding/v1",
  ],
  ["of the variable before the login", GLOBAL, {}, {
    KIMI_CODE_BASE_URL: "http://127.0.0.1:1/v1",
  }, "http://127.0.0.1:1/v1"],
  ["of the option before variable and login", GLOBAL, { baseURL: "http://[::1]:2/v1" }, {
    KIMI_CODE_BASE_URL: "http://127.0.0.1:1/v1",
  }, "http://[::1]:2/v1"],
] as const;

for (const [name, enterpriseUrl, options, variables, base] of REGIONS) {
  Deno.test(`requests go to the base ${name}`, async () => {
    const entry = oauthEntry(900, { enterpriseUrl });
    const made = plugin({ answer: service(done), entry, variables });
    assertEquals((await ask(await started(made, { options }))).status, 200);
    assertEquals(chatsOf(made.environment.sent).map(({ url }) => url), [
      `${base}/chat/completions`,
    ]);
  });
}

Deno.test("contract 8: a foreign base URL gets no token, and the error says so", async () => {
  for (const baseURL of ["http://proxy.example/v1", "https://proxy.example/v1"]) {
    for (const left of [900, 0]) {
      const made = plugin({ answer: service(done, () => tokenAnswer(1)), entry: oauthEntry(left) });
      const answer = await ask(await started(made, { options: { baseURL } }));
      assertMatch((await answer.json()).error.message, /^Kimi's tokens are not sent to [^\n]+$/);
      await settled();
      const hosts = new Set(made.environment.sent.map(({ url }) => new URL(url).host));
      assertEquals(hosts, new Set(left === 900 ? [] : ["auth.kimi.com"]));
    }
  }
});

Deno.test('client "opencode" sends the honest identity everywhere', async () => {
  const made = plugin({
    answer: service(done),
    entry: oauthEntry(10),
    options: { client: "opencode" },
  });
  await ask(await started(made));
  await settled();
  assertEquals(made.environment.sent.length, 3);
  for (const { headers } of made.environment.sent) {
    assertEquals(headers["user-agent"], `opencode-kimi-full/${VERSION}`);
    assertEquals(Object.keys(headers).filter((name) => name.startsWith("x-")), []);
  }
});

Deno.test("the user's options of a model come last in the body", async () => {
  const made = plugin({ answer: service(done) });
  const users = { models: { "kimi-for-coding": { options: { seed: 7, top_k: 3 } } } };
  const sdk = await started(made, users);
  const sent = sdk.transformRequestBody(body({ seed: 7, top_k: 3, presence_penalty: 1 }));
  assertEquals(Object.keys(sent).slice(-2), ["seed", "top_k"]);
  assertEquals("presence_penalty" in sent, false);
});

Deno.test("a temperature of the environment is sent, and one that is not a number is logged", async () => {
  const sdk = await started(plugin({ variables: { KIMI_MODEL_TEMPERATURE: "0.6" } }));
  assertEquals(sdk.transformRequestBody(body()).temperature, 0.6);
  const made = plugin({ variables: { KIMI_MODEL_TEMPERATURE: "hot" } });
  await configured(made);
  assertEquals(made.environment.logs.length, 1);
  assertMatch(made.environment.logs[0] ?? "", /^warn: KIMI_MODEL_TEMPERATURE is not a number/);
});
