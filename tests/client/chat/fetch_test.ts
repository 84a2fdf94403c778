import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { VERSION } from "../../../lib/kimi/identity/constants.ts";
import { apiError, chatSetup, events, init, readError, URL_OF_CHAT } from "./fixtures.ts";
import { KIMI_CLI_HEADERS } from "../../support/environment.ts";
import { html, login, rotating, tokenAnswer } from "../fixtures.ts";

const CHAT_HEADERS = {
  accept: "application/json",
  authorization: "Bearer SECRET-a0",
  "content-type": "application/json",
  ...KIMI_CLI_HEADERS,
};

const unauthorized = () => apiError(401, "invalid_authentication_error", "no");

Deno.test("contract 7: exactly the headers of the list are sent", async () => {
  const { talk, chats } = await chatSetup(() => events("[DONE]"));
  await talk.fetch(URL_OF_CHAT, init());
  assertEquals(chats()[0]?.headers, CHAT_HEADERS);
});

Deno.test("contract 7: no header of opencode passes", async () => {
  const given: readonly HeadersInit[] = [
    new Headers({ "X-Session-Id": "ses_1", Cookie: "a=b" }),
    [["x-parent-session-id", "ses_0"], ["User-Agent", "opencode/1.18.33"]],
    { "HTTP-Referer": "https://opencode.ai/", "X-Title": "opencode", "X-Msh-Platform": "other" },
  ];
  for (const headers of given) {
    const { talk, chats } = await chatSetup(() => events("[DONE]"));
    await talk.fetch(URL_OF_CHAT, init({ headers }));
    assertEquals(chats()[0]?.headers, CHAT_HEADERS);
  }
});

Deno.test("contract 7: the identity opencode sends its own User-Agent and no X-Msh header", async () => {
  const { talk, chats } = await chatSetup(() => events("[DONE]"), {
    options: { client: "opencode" },
  });
  await talk.fetch(URL_OF_CHAT, init());
  assertEquals(chats()[0]?.headers, {
    accept: "application/json",
    authorization: "Bearer SECRET-a0",
    "content-type": "application/json",
    "user-agent": `opencode-kimi-full/${VERSION}`,
  });
});

Deno.test("URL, method, body, signal and timeout are passed on as they are", async () => {
  const { talk, chats } = await chatSetup(() => events("[DONE]"));
  const { signal } = new AbortController();
  const body = JSON.stringify({ messages: [{ role: "user", content: "名 \u2028" }] });
  await talk.fetch(new URL(`${URL_OF_CHAT}?a=b`), init({ body, signal, timeout: false }));
  const [sent] = chats();
  assertEquals([sent?.url, sent?.method, sent?.body], [`${URL_OF_CHAT}?a=b`, "POST", body]);
  assertStrictEquals(sent?.init.signal, signal);
  assertStrictEquals(sent?.init.body, body);
  assertEquals("timeout" in (sent?.init ?? {}) && Reflect.get(sent?.init ?? {}, "timeout"), false);
});

Deno.test("an abort reaches the request, and fetch rejects with its reason", async () => {
  const { talk } = await chatSetup(() => new Promise(() => {}));
  const controller = new AbortController();
  const waiting = talk.fetch(URL_OF_CHAT, init({ signal: controller.signal }));
  controller.abort(new DOMException("by the user", "AbortError"));
  const reason = await waiting.catch((error: unknown) => error);
  assertStrictEquals(reason, controller.signal.reason);
});

Deno.test("a request that is given as a Request keeps its method and body", async () => {
  const { talk, chats } = await chatSetup(() => events("[DONE]"));
  await talk.fetch(new Request(URL_OF_CHAT, init({ body: '{"messages":[1]}' })));
  const [sent] = chats();
  assertEquals([sent?.method, sent?.body], ["POST", '{"messages":[1]}']);
});

Deno.test("a lost connection rejects as it does without the plugin", async () => {
  const failure = new TypeError("connection reset");
  const { talk } = await chatSetup(() => Promise.reject(failure));
  const seen = await talk.fetch(URL_OF_CHAT, init()).catch((error: unknown) => error);
  assertStrictEquals(seen, failure);
});

Deno.test("contract 9: a token that is due is refreshed before the request", async () => {
  const { talk, chats, refreshes } = await chatSetup(() => events("[DONE]"), { stored: login(10) });
  await talk.fetch(URL_OF_CHAT, init());
  assertEquals([refreshes().length, chats().length], [1, 1]);
  assertEquals(chats()[0]?.headers.authorization, "Bearer SECRET-a1");
});

Deno.test("contract 10: a 401 is refreshed once and sent again with the same bytes", async () => {
  const { talk, chats, refreshes, environment } = await chatSetup(({ headers }) =>
    headers.authorization === "Bearer SECRET-a0" ? unauthorized() : events("[DONE]")
  );
  const { signal } = new AbortController();
  const given = init({ body: '{"a":"名\\u2028"}', signal });
  const response = await talk.fetch(URL_OF_CHAT, given);
  assertEquals([response.status, refreshes().length], [200, 1]);
  const [first, second] = chats();
  assertStrictEquals(first?.init.body, given.body);
  assertStrictEquals(second?.init.body, given.body);
  assertStrictEquals(second?.init.signal, signal);
  assertEquals(second?.headers, { ...CHAT_HEADERS, authorization: "Bearer SECRET-a1" });
  assertEquals(environment.sent.map(({ url }) => new URL(url).host), [
    "api.kimi.com",
    "auth.kimi.com",
    "api.kimi.com",
  ]);
});

Deno.test("contract 10: a 401 after a refresh keeps Kimi's words, and the login is the last resort", async () => {
  const { talk, chats, refreshes } = await chatSetup(() =>
    apiError(401, "invalid_authentication_error", "We could not check your membership right now")
  );
  const error = await readError(await talk.fetch(URL_OF_CHAT, init()));
  assertEquals([error.status, refreshes().length, chats().length], [401, 1, 2]);
  assertMatch(
    error.message,
    /^Kimi refuses this account: We could not check your membership right now\. If it stays so, run opencode auth login -p kimi-for-coding-oauth /,
  );
});

Deno.test("contract 10: fifty requests with a 401 at once cause one refresh", async () => {
  const { talk, chats, refreshes } = await chatSetup(({ headers }) =>
    headers.authorization === "Bearer SECRET-a0" ? unauthorized() : events("[DONE]")
  );
  const all = await Promise.all(
    Array.from({ length: 50 }, () => talk.fetch(URL_OF_CHAT, init())),
  );
  assert(all.every(({ status }) => status === 200));
  assertEquals([refreshes().length, chats().length], [1, 100]);
});

for (const status of [400, 402, 403, 404, 429, 500, 503]) {
  Deno.test(`contract 10: a ${status} is neither refreshed nor sent again`, async () => {
    for (const answer of [() => apiError(status, "some_error", "no"), () => html(status)]) {
      const { talk, chats, refreshes } = await chatSetup(answer);
      assertEquals((await talk.fetch(URL_OF_CHAT, init())).status, status);
      assertEquals([refreshes().length, chats().length], [0, 1]);
    }
  });
}

Deno.test("requests go to the hosts of the login instead of opencode's base URL", async () => {
  const hosts = { oauth: "https://auth.kimi.ai", api: "https://api.kimi.ai/coding/v1" };
  const { talk, chats } = await chatSetup(() => events("[DONE]"), {
    stored: login(900, "0", hosts),
  });
  await talk.fetch(`${URL_OF_CHAT}?x=1`, init());
  assertEquals(chats()[0]?.url, "https://api.kimi.ai/coding/v1/chat/completions?x=1");
});

Deno.test("onAnswer() is called for each answer that is not an error", async () => {
  let told = 0;
  let status = 200;
  const answer = () => new Response(null, { status });
  const { talk } = await chatSetup(answer, { options: { onAnswer: () => void told++ } });
  await talk.fetch(URL_OF_CHAT, init());
  status = 403;
  await talk.fetch(URL_OF_CHAT, init());
  assertEquals(told, 1);
});

Deno.test("the refresh after a 401 uses the login that is stored by then", async () => {
  const { talk, chats, refreshes, store } = await chatSetup(({ headers }) => {
    store.stored = login(900, "7");
    return headers.authorization === "Bearer SECRET-a0" ? unauthorized() : events("[DONE]");
  }, { oauth: rotating() });
  await talk.fetch(URL_OF_CHAT, init());
  assertEquals(chats().map(({ headers }) => headers.authorization), [
    "Bearer SECRET-a0",
    "Bearer SECRET-a7",
  ]);
  assertEquals(refreshes(), []);
});

Deno.test("an answer that is not an event stream is passed on unchanged", async () => {
  const answers = [
    () => Response.json({ usage: { prompt_tokens: 1, cached_tokens: 1 } }),
    () => new Response(null, { status: 204 }),
    () => new Response("data: text", { headers: { "content-type": "text/plain" } }),
  ];
  for (const answer of answers) {
    const given = answer();
    const { talk } = await chatSetup(() => given, { oauth: () => tokenAnswer(1) });
    assertStrictEquals(await talk.fetch(URL_OF_CHAT, init()), given);
  }
});

Deno.test("the login is read once for a request, and anew for the next", async () => {
  const { talk, store } = await chatSetup(() => events("[DONE]"));
  let reads = 0;
  const { read } = store;
  store.read = () => (reads++, read());
  for (const request of [1, 2]) {
    const body = JSON.stringify(talk.transformRequestBody({ messages: [], stream: true }));
    await (await talk.fetch(URL_OF_CHAT, init({ body }))).text();
    assertEquals(reads, request);
  }
});

Deno.test("contract 11: the next request uses a login that was stored since", async () => {
  const { talk, chats, store } = await chatSetup(() => events("[DONE]"));
  const ask = async () => {
    const body = JSON.stringify(talk.transformRequestBody({ messages: [], stream: true }));
    await (await talk.fetch(URL_OF_CHAT, init({ body }))).text();
    return chats().at(-1)?.headers.authorization;
  };
  assertEquals(await ask(), "Bearer SECRET-a0");
  store.stored = login(900, "7");
  assertEquals(await ask(), "Bearer SECRET-a7");
});
