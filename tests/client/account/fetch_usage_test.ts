import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  fetchUsage,
  type QuotaRequest,
  requestUsage,
} from "../../../lib/client/account/fetch_usage.ts";
import { credentialFromTokens } from "../../../lib/client/tokens/credential.ts";
import { createTokenManager } from "../../../lib/client/tokens/token_manager.ts";
import { createRefreshMemory } from "../../../lib/client/tokens/login_store.ts";
import { VERSION } from "../../../lib/kimi/identity/constants.ts";
import type { Usage } from "../../../lib/kimi/usage/response.ts";
import { type Answer, type FakeEnvironment, fakeEnvironment } from "../../support/environment.ts";
import {
  type FakeKimi,
  NEWER_USAGES,
  OLDER_USAGES,
  startFakeKimi,
} from "../../support/fake/kimi.ts";
import {
  assertFails,
  html,
  login,
  type MemoryStore,
  memoryStore,
  oauthError,
  rotating,
  SECRET,
  setup,
} from "../fixtures.ts";

const API = "https://api.kimi.com/coding/v1";

function request(changes: Partial<QuotaRequest> = {}): QuotaRequest {
  return { client: "kimi-cli", api: () => API, ...changes };
}

/** Asks with a token as it is. */
function ask(answer: Answer, changes: Partial<QuotaRequest> = {}, credential = login()) {
  const environment = fakeEnvironment({ answer });
  return { environment, quotas: requestUsage(environment, credential, request(changes)) };
}

/** Asks with tokens that an OAuth host renews. */
function askFresh(answer: Answer, left: number, oauth: Answer = rotating()) {
  const made = setup(login(left), (sent) => {
    return new URL(sent.url).pathname.startsWith("/api/oauth/") ? oauth(sent) : answer(sent);
  });
  return { ...made, quotas: fetchUsage(made.environment, made.source, request()) };
}

function bearers({ sent }: FakeEnvironment): readonly (string | undefined)[] {
  return sent.filter(({ method }) => method === "GET").map(({ headers }) => headers.authorization);
}

for (
  const [client, agent] of [
    ["kimi-cli", "KimiCLI/1.51.0"],
    ["opencode", `opencode-kimi-full/${VERSION}`],
  ] as const
) {
  Deno.test(`contract 7: the headers of /usages as ${client}`, async () => {
    const { environment, quotas } = ask(() => Response.json(OLDER_USAGES), { client });
    assertEquals((await quotas).windows.map(({ name }) => name), ["5 hours", "week"]);
    const [sent] = environment.sent;
    assertEquals([sent?.method, sent?.url, sent?.redirect], ["GET", `${API}/usages`, "manual"]);
    assertEquals(sent?.headers, {
      accept: "application/json",
      authorization: "Bearer SECRET-a0",
      "user-agent": agent,
    });
  });
}

Deno.test("/usage is asked if /usages does not exist; an error says if neither does", async () => {
  const notFound = () => new Response("{}", { status: 404 });
  const { environment, quotas } = ask(({ url }) =>
    url.endsWith("/usage") ? Response.json(NEWER_USAGES) : notFound()
  );
  assertEquals((await quotas).windows.length, 4);
  assertEquals(environment.sent.map(({ url }) => url), [`${API}/usages`, `${API}/usage`]);
  const error = await assertFails(() => ask(notFound).quotas, "server_error", "neither /usages");
  assertEquals(error.status, 404);
});

Deno.test("each refusal has a message of its own", async () => {
  const error = (type: string, message: string) => ({ error: { type, message } });
  const answers: readonly (readonly [Response, RegExp])[] = [
    [
      Response.json(error("x", "bad key"), { status: 401 }),
      /refuses this account: bad key\. If it stays so, log in again$/,
    ],
    [
      Response.json(error("x", "unable to verify your membership benefits"), { status: 402 }),
      /cannot verify the membership: check the plan/,
    ],
    [
      Response.json(error("access_terminated_error", "only available for Coding Agents"), {
        status: 403,
      }),
      /refused this client's identity/,
    ],
    [Response.json(error("x", "slow down"), { status: 429 }), /too many requests/],
    [new Response("", { status: 503 }), /service has a failure/],
    [html(502), /service has a failure/],
    [new Response("", { status: 418 }), /HTTP 418 from api\.kimi\.com$/],
  ];
  for (const [answer, says] of answers) {
    const { message, status } = await assertFails(() => ask(() => answer).quotas, "server_error");
    assertMatch(message, says);
    assertEquals(status, answer.status);
  }
});

Deno.test("a refusal names the region of the login", async () => {
  const api = "https://api.kimi.ai/coding/v1";
  const credential = login(900, "0", { oauth: "https://auth.kimi.ai", api });
  const refused = () => Response.json({ error: { message: "lapsed" } }, { status: 402 });
  const { quotas } = ask(refused, { api: () => api }, credential);
  await assertFails(() => quotas, "server_error", "https://www.kimi.ai/code");
});

Deno.test("contract 8: the token is sent to no other host and is in no error", async () => {
  const foreign = ask(() => Response.json({}), { api: () => "https://kimi.example/v1" });
  await assertFails(() => foreign.quotas, "untrusted_host", "kimi.example");
  assertEquals(foreign.environment.sent, []);
  const said = { error: { type: "access_terminated_error", message: `${SECRET}-a0 ${SECRET}-r0` } };
  const { message } = await assertFails(
    () => ask(() => Response.json(said, { status: 402 })).quotas,
    "server_error",
  );
  assert(!message.includes(SECRET), message);
});

Deno.test("a token that has little time left is refreshed first", async () => {
  const { environment, store, quotas } = askFresh(() => Response.json(OLDER_USAGES), 50);
  assertEquals((await quotas).windows.length, 2);
  assertEquals(bearers(environment), ["Bearer SECRET-a1"]);
  assertEquals(store.writes.length, 1);
});

Deno.test("contract 10: after a 401 one refresh and one more question; then the 401 is an error", async () => {
  const once: Answer = ({ headers }) =>
    headers.authorization === "Bearer SECRET-a0"
      ? new Response("{}", { status: 401 })
      : Response.json(OLDER_USAGES);
  const renewed = askFresh(once, 900);
  assertEquals((await renewed.quotas).windows.length, 2);
  assertEquals(bearers(renewed.environment), ["Bearer SECRET-a0", "Bearer SECRET-a1"]);
  const always = askFresh(() => new Response("{}", { status: 401 }), 900);
  const error = await assertFails(() => always.quotas, "server_error", "refuses this account");
  assertEquals([error.status, bearers(always.environment).length], [401, 2]);
});

Deno.test("contract 10: a web page with a 401 spends no refresh token", async () => {
  const { environment, quotas } = askFresh(() => html(401), 900);
  await assertFails(() => quotas, "invalid_answer", "a web page came in its place");
  assertEquals(environment.sent.length, 1);
});

Deno.test("a refused quota is an error with the time of its reset", async () => {
  const message = "usage limit, resets at 2030-01-01T08:00:00Z";
  const refused = () => Response.json({ error: { message } }, { status: 403 });
  const { resetsAt } = await assertFails(
    () => ask(refused).quotas,
    "server_error",
    "quota is used up",
  );
  assertEquals(resetsAt, Date.UTC(2030, 0, 1, 8));
});

Deno.test("contract 10: 402 and 403 are not asked again, and a login that has ended is an error", async () => {
  for (const status of [402, 403]) {
    const refused = askFresh(() => Response.json({ error: { message: "no" } }, { status }), 900);
    await assertFails(() => refused.quotas, "server_error");
    assertEquals(refused.environment.sent.length, 1);
  }
  const ended = askFresh(() => Response.json({}), 0, () => oauthError("invalid_grant"));
  await assertFails(() => ended.quotas, "invalid_grant", "no longer accepts the login");
  const nobody = setup(undefined);
  await assertFails(
    () => fetchUsage(nobody.environment, nobody.source, request()),
    "not_logged_in",
  );
});

/** A login to the strict fake with so many seconds left, and the question. */
function networked(
  fake: FakeKimi,
  left: number,
): { readonly store: MemoryStore; readonly ask: () => Promise<Usage> } {
  const environment = Object.assign(fakeEnvironment(), { fetch: globalThis.fetch });
  environment.time = Date.now() + (900 - left) * 1000;
  const { access_token, refresh_token } = fake.issueTokens();
  const tokens = { accessToken: access_token, refreshToken: refresh_token, expiresIn: 900 };
  const store = memoryStore(credentialFromTokens(tokens, Date.now()));
  const hosts = { oauth: fake.url, api: fake.apiBase };
  const memory = createRefreshMemory();
  const options = { hosts: () => hosts, client: "kimi-cli", memory } as const;
  const source = createTokenManager(environment, store, options);
  const ask = () => fetchUsage(environment, source, request({ api: () => fake.apiBase }));
  return { store, ask };
}

Deno.test("with the strict fake: both shapes, both paths, one refresh, one 401", async () => {
  await using fake = await startFakeKimi();
  const { ask, store } = networked(fake, 100);
  assertEquals((await ask()).windows.map(({ usedShare }) => usedShare), [0.27, 0.26]);
  assertEquals([fake.refreshes, store.writes.length], [1, 1]);
  fake.settings.usages = NEWER_USAGES;
  fake.settings.usagesPath = "usage";
  fake.expireAccessTokens();
  assertEquals((await ask()).windows.length, 4);
  assertEquals(fake.refreshes, 2);
  assertEquals(fake.requestsOf("usages").map(({ path, status }) => [path, status]), [
    ["/coding/v1/usages", 200],
    ["/coding/v1/usages", 401],
    ["/coding/v1/usages", 404],
    ["/coding/v1/usage", 200],
  ]);
  fake.settings.usagesPath = null;
  await assertFails(ask, "server_error", "neither /usages nor /usage");
});
