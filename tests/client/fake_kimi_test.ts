/** Login, refresh and chat with the strict fake Kimi, over the real network of this machine. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Chat, createChat } from "../../lib/client/chat/fetch.ts";
import { type Credential, credentialFromTokens } from "../../lib/client/tokens/credential.ts";
import { startDeviceLogin } from "../../lib/client/tokens/device_login.ts";
import { createTokenManager } from "../../lib/client/tokens/token_manager.ts";
import { createRefreshMemory } from "../../lib/client/tokens/login_store.ts";
import type { ClientName } from "../../lib/kimi/identity/constants.ts";
import { type FakeEnvironment, fakeEnvironment } from "../support/environment.ts";
import { type FakeKimi, startFakeKimi } from "../support/fake/kimi.ts";
import { init } from "./chat/fixtures.ts";
import { assertFails, type MemoryStore, memoryStore } from "./fixtures.ts";

interface Client {
  readonly environment: FakeEnvironment;
  readonly store: MemoryStore;
  readonly talk: Chat;
  /** Sends a chat request; gives status and text of the answer. */
  readonly ask: (text?: string) => Promise<readonly [number, string]>;
}

/** A client with the real `fetch` and the time of the fake's clock. */
function networked(): FakeEnvironment {
  const environment = fakeEnvironment();
  environment.time = Date.now();
  return Object.assign(environment, { fetch: globalThis.fetch });
}

function clientOf(fake: FakeKimi, stored: Credential, client: ClientName = "kimi-cli"): Client {
  const environment = networked();
  const store = memoryStore(stored);
  const hosts = { oauth: fake.url, api: fake.apiBase };
  const tokens = createTokenManager(environment, store, {
    hosts: () => hosts,
    client,
    memory: createRefreshMemory(),
  });
  const talk = createChat(environment, tokens, {
    client,
    settings: { problems: [] },
    model: () => ({ contextLength: 262_144, canThink: true, userKeys: [] }),
    onAnswer: () => {},
    base: () => ({ from: fake.apiBase, to: fake.apiBase }),
  });
  const ask = async (text = "hello") => {
    const body = JSON.stringify(talk.transformRequestBody({
      model: "kimi-for-coding",
      messages: [{ role: "user", content: text }],
      stream: true,
    }));
    const answer = await talk.fetch(`${fake.apiBase}/chat/completions`, init({ body }));
    return [answer.status, await answer.text()] as const;
  };
  return { environment, store, talk, ask };
}

/** A login as the fake issues it, with so many seconds left. */
function issued(fake: FakeKimi, lifetime = 900): Credential {
  const { access_token, refresh_token } = fake.issueTokens({ lifetime });
  return credentialFromTokens(
    { accessToken: access_token, refreshToken: refresh_token },
    Date.now(),
  );
}

for (const client of ["kimi-cli", "kimi-code", "opencode"] as const) {
  Deno.test(`login, chat and refresh as ${client} pass the strict fake`, async () => {
    await using fake = await startFakeKimi({ identity: client, autoAuthorizeAfterPolls: 2 });
    const environment = networked();
    const options = { host: fake.url, client, scope: "kimi-code" };
    const login = await startDeviceLogin(environment, options);
    assertMatch(login.authorization.verificationUri, /^https:\/\/www\.kimi\.com\//);
    const tokens = await login.tokens();
    assertEquals(environment.sleeps, [5000, 5000]);
    const { ask } = clientOf(fake, credentialFromTokens(tokens, Date.now()), client);
    assertEquals((await ask())[0], 200);
    fake.expireAccessTokens();
    assertEquals((await ask())[0], 200);
    assertEquals([fake.refreshes, fake.revokedChains], [1, 0]);
    assertEquals(fake.requests.map(({ kind }) => kind), [
      ...["device", "poll", "poll", "poll"],
      ...["chat", "chat", "refresh", "chat"],
    ]);
    const [, second, third] = fake.requestsOf("chat");
    assertEquals(second?.body, third?.body);
  });
}

Deno.test("one login serves each client, and a session goes on with another one", async () => {
  await using fake = await startFakeKimi();
  const login = issued(fake);
  const messages: unknown[] = [{ role: "system", content: "Be brief" }];
  const texts: string[] = [];
  for (
    const [turn, client] of (["kimi-cli", "kimi-code", "opencode", "kimi-code"] as const).entries()
  ) {
    fake.settings.identity = client;
    const { talk } = clientOf(fake, login, client);
    await talk.ready();
    messages.push({ role: "user", content: `turn ${turn}` });
    const body = JSON.stringify(talk.transformRequestBody({
      ...{ model: "kimi-for-coding", stream: true, messages, prompt_cache_key: "ses_1" },
    }));
    texts.push(body);
    const answer = await talk.fetch(`${fake.apiBase}/chat/completions`, init({ body }));
    assertEquals([client, answer.status], [client, 200]);
    await answer.body?.cancel();
    const called = { name: "bash", arguments: '{"command":"ls"}' };
    messages.push(
      {
        ...{ role: "assistant", content: "", reasoning_content: `thought ${turn}` },
        tool_calls: [{ id: "bash:0", type: "function", function: called }],
      },
      { role: "tool", tool_call_id: "bash:0", content: "a.txt" },
    );
  }
  assertEquals(fake.revokedChains, 0);
  const last = texts.at(-1) ?? "";
  for (const kept of ["thought 0", "thought 1", "thought 2", '"bash_0"', '"bash_0__2"']) {
    assertStringIncludes(last, kept);
  }
  assertEquals(
    last.startsWith((texts[1] ?? "").slice(0, (texts[1] ?? "").indexOf("turn 1"))),
    true,
  );
});

Deno.test("contract 9: a burst of requests with an expired token rotates once", async () => {
  await using fake = await startFakeKimi();
  const { ask, store } = clientOf(fake, issued(fake));
  fake.expireAccessTokens();
  const all = await Promise.all(Array.from({ length: 20 }, () => ask()));
  assertEquals(new Set(all.map(([status]) => status)), new Set([200]));
  assertEquals([fake.refreshes, fake.revokedChains, store.writes.length], [1, 0, 1]);
});

Deno.test("contract 9: a token near its end is refreshed before the request", async () => {
  await using fake = await startFakeKimi();
  const { ask } = clientOf(fake, issued(fake, 50));
  assertEquals((await ask())[0], 200);
  assertEquals(fake.requests.map(({ kind }) => kind), ["refresh", "chat"]);
});

Deno.test("contract 9: a refresh whose answer is lost is sent once more, by us and not by the runtime", async () => {
  await using fake = await startFakeKimi();
  const { ask, environment } = clientOf(fake, issued(fake, 200));
  assertEquals((await ask())[0], 200); // the connection is now one that was used before
  fake.settings.faults.push({ kind: "refresh", answer: "drop-after" });
  fake.expireAccessTokens();
  const [status, text] = await ask();
  assertEquals([status, fake.requestsOf("refresh").length], [401, 3]);
  assertMatch(text, /no longer accepts the login: run /);
  assertEquals([fake.revokedChains, environment.sleeps], [1, []]);
});

Deno.test("contract 9: a portal's page on refresh leaves the old token in use", async () => {
  await using fake = await startFakeKimi();
  const { ask, environment } = clientOf(fake, issued(fake, 200));
  fake.settings.faults.push({ kind: "refresh", answer: "html", times: "always" });
  assertEquals([(await ask())[0], (await ask())[0]], [200, 200]);
  assertEquals([fake.requestsOf("refresh").length, environment.logs.length], [1, 1]);
});

Deno.test("contract 8: redirects are followed neither with an access nor a refresh token", async () => {
  await using other = await startFakeKimi();
  await using fake = await startFakeKimi();
  const { ask } = clientOf(fake, issued(fake));
  for (const status of [302, 307, 308]) {
    const answer = { status, headers: { Location: `${other.apiBase}/chat/completions` } };
    fake.settings.faults.push({ kind: "chat", answer });
    assertEquals((await ask())[0], 400);
  }
  fake.expireAccessTokens();
  const token = { status: 307, headers: { Location: `${other.url}/api/oauth/token` } };
  fake.settings.faults.push({ kind: "refresh", answer: token });
  assertEquals((await ask())[0], 400);
  assertEquals(other.requests.length, 0);
});

Deno.test("contract 11: a logout while the refresh is on its way wins", async () => {
  await using fake = await startFakeKimi();
  const { environment, store, ask } = clientOf(fake, issued(fake, 0));
  const { fetch } = environment;
  Object.assign(environment, {
    fetch: async (...given: Parameters<typeof fetch>) => {
      const answer = await fetch(...given);
      store.stored = undefined;
      return answer;
    },
  });
  const [status, text] = await ask();
  assertEquals([status, store.writes], [401, []]);
  assertMatch(text, /Not logged in to Kimi/);
});

Deno.test("a login that the user refuses ends with access_denied", async () => {
  await using fake = await startFakeKimi({ autoAuthorizeAfterPolls: null });
  const environment = networked();
  environment.onSleep = () => fake.denyDevice();
  const options = { host: fake.url, client: "kimi-cli", scope: "kimi-code" } as const;
  const login = await startDeviceLogin(environment, options);
  await assertFails(() => login.tokens(), "access_denied");
});

Deno.test("a login polls through dropped connections, 5xx and 429", async () => {
  await using fake = await startFakeKimi({ keepAlive: false });
  fake.settings.faults.push(
    { kind: "poll", answer: "drop-before" },
    { kind: "poll", answer: { status: 503 } },
    { kind: "poll", answer: { status: 429 } },
  );
  const environment = networked();
  const options = { host: fake.url, client: "kimi-cli", scope: false } as const;
  const login = await startDeviceLogin(environment, options);
  await login.tokens();
  assertEquals(fake.requestsOf("poll").map(({ status }) => status), [0, 503, 429, 400, 200]);
  assertEquals(
    fake.requestsOf("device")[0]?.body,
    "client_id=17e5f671-d194-4dfb-9706-5516cb48c098",
  );
});
