/** What the hooks of a chat make of odd requests and answers. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createRefreshMemory } from "../../../lib/client/tokens/login_store.ts";
import { createChatHooks } from "../../../lib/opencode/v2/chat/hooks.ts";
import { createCore } from "../../../lib/opencode/v2/core.ts";
import { readOptions } from "../../../lib/kimi/plugin_options.ts";
import { fromRow } from "../../../lib/opencode/v2/login/row.ts";
import { fakeEnvironment, KIMI_CLI_HEADERS } from "../../support/environment.ts";
import { folder, nativeHooks, requestEvent, ROW } from "./native.ts";

const BODY = JSON.stringify({
  model: "kimi-for-coding",
  messages: [{ role: "user", content: "hi" }],
  stream: true,
  store: false,
});

const STREAM = { headers: { "content-type": "text/event-stream" } };
const DONE = 'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n' +
  'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

Deno.test("contract 7: the request has our headers and no others", async () => {
  const { hooks } = await nativeHooks();
  const event = requestEvent(BODY);
  await hooks.onRequest(event);
  assertEquals(Object.fromEntries(event.request.headers), {
    accept: "application/json",
    authorization: `Bearer ${ROW.access}`,
    "content-type": "application/json",
    ...KIMI_CLI_HEADERS,
  });
});

Deno.test("contract 6: a hook that runs twice on a forked session's request changes nothing the second time", async () => {
  const { hooks } = await nativeHooks();
  const event = requestEvent(BODY, { headers: { "x-session-affinity": "ses_root" } });
  await hooks.onRequest(event);
  const { request } = event;
  await hooks.onRequest(event);
  const { prompt_cache_key: key } = JSON.parse(await event.request.clone().text());
  assertEquals([event.request === request, key], [true, "ses_root"]);
  const answered = { ...event, response: Response.json({}, { status: 503 }) };
  await hooks.onResponse(answered);
  assertEquals(answered.response.headers.get("x-should-retry"), "true");
});

Deno.test("a body that is not JSON is sent as it is under our headers, and logged", async () => {
  for (const body of ["", "{", "[1]", "text", "null"]) {
    const { send, environment } = await nativeHooks();
    assertEquals(await send(body), body);
    assertEquals(environment.logs, ["warn: A request's body is not JSON, and is sent as it is"]);
  }
});

Deno.test("bodies of odd forms are sent in some form, and nothing is thrown", async () => {
  const odd = [{}, { messages: 7 }, { messages: [null, 1, "x", {}] }, {
    messages: [{ role: "assistant", content: [{ type: "file" }], reasoning_content: 7 }],
    tools: "none",
    thinking: "yes",
    reasoning_effort: 3,
  }];
  for (const body of odd) {
    const { send } = await nativeHooks();
    assert((await send(JSON.stringify(body))).startsWith('{"messages":'), JSON.stringify(body));
  }
});

Deno.test("a PDF is replaced by a note, since Kimi refuses its part", async () => {
  const { send } = await nativeHooks();
  const file = { filename: "n.pdf", file_data: "data:application/pdf;base64,JVBERi0=" };
  const content = [{ type: "text", text: "read this" }, { type: "file", file }];
  const sent = JSON.parse(
    await send(JSON.stringify({ ...JSON.parse(BODY), messages: [{ role: "user", content }] })),
  );
  assertEquals(sent.messages[0].content[1], {
    type: "text",
    text: "[n.pdf was left out: Kimi accepts no files but images]",
  });
});

Deno.test("a request without a login asks to log in", async () => {
  const { hooks } = await nativeHooks();
  const event = requestEvent(BODY, { headers: { Authorization: "" } });
  await assertRejects(
    () => hooks.onRequest(event),
    Error,
    "Not logged in to Kimi: run opencode auth login kimi-for-coding-oauth --method oauth",
  );
});

Deno.test("a request with the user's own API key is left as opencode made it", async () => {
  const environment = fakeEnvironment();
  const { options } = readOptions({});
  const core = createCore(environment, options, createRefreshMemory());
  const hooks = createChatHooks(core, folder(() => Promise.resolve(undefined)));
  const event = requestEvent(BODY, { headers: { Authorization: "Bearer sk-own" } });
  const { request } = event;
  await hooks.onRequest(event);
  assertEquals([event.request === request, await request.text()], [true, BODY]);
  const answered = { ...event, response: new Response("x") };
  await hooks.onResponse(answered);
  assertEquals(await answered.response.text(), "x");
});

Deno.test("a row of kimi.ai without our metadata goes to kimi.ai", async () => {
  const environment = fakeEnvironment();
  const { options } = readOptions({});
  const core = createCore(environment, options, createRefreshMemory());
  const row = fromRow({ ...ROW, methodID: "oauth-ai" });
  assert(row !== undefined);
  const hooks = createChatHooks(core, folder(() => Promise.resolve(row)));
  const event = requestEvent(BODY);
  await hooks.onRequest(event);
  assertEquals(event.request.url, "https://api.kimi.ai/coding/v1/chat/completions");
});

Deno.test("contract 14: a stream is passed on chunk by chunk, and its cancel goes upstream", async () => {
  const { hooks } = await nativeHooks();
  const event = requestEvent(BODY);
  await hooks.onRequest(event);
  let pulls = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulls++;
      controller.enqueue(
        new TextEncoder().encode(`data: {"choices":[{"delta":{"content":"${pulls}"}}]}\n\n`),
      );
    },
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  const answered = { ...event, response: new Response(body, STREAM) };
  await hooks.onResponse(answered);
  const reader = answered.response.body!.getReader();
  await reader.read();
  await reader.read();
  assert(pulls <= 4, `${pulls} reads ahead`);
  await reader.cancel();
  assert(cancelled);
});

Deno.test("contract 13: an error's answer says in a header whether to ask again", async () => {
  const rows = [
    [400, { error: { message: "bad" } }, "false"],
    [403, { error: { message: "access terminated." } }, "false"],
    [429, { error: { type: "rate_limit_reached_error", message: "slow" } }, "true"],
    [503, { error: { message: "busy" } }, "true"],
  ] as const;
  for (const [status, body, retry] of rows) {
    const { hooks } = await nativeHooks();
    const event = requestEvent(BODY);
    await hooks.onRequest(event);
    const answered = { ...event, response: Response.json(body, { status }) };
    await hooks.onResponse(answered);
    const { headers } = answered.response;
    assertEquals([answered.response.status, headers.get("x-should-retry")], [status, retry]);
    assertMatch((await answered.response.json()).error.type, /^kimi_/);
  }
});

Deno.test("contract 10: a request whose renewal finds no network is one to try again", async () => {
  const { hooks } = await nativeHooks();
  const event = requestEvent(BODY);
  await hooks.onRequest(event);
  const answered = { ...event, response: Response.json({}, { status: 401 }) };
  await hooks.onResponse(answered);
  assertEquals(answered.response.status, 503);
  assertEquals(answered.response.headers.get("x-should-retry"), "true");
});

Deno.test("contract 10: after a 401 the same body is sent with the new token, and its stream is read", async () => {
  const { hooks, environment } = await nativeHooks();
  environment.answer = ({ url }) =>
    url.includes("/oauth/token")
      ? Response.json({ access_token: "SECRET-a1", refresh_token: "SECRET-r1", expires_in: 900 })
      : new Response(DONE, STREAM);
  const event = requestEvent(BODY);
  await hooks.onRequest(event);
  const text = await event.request.clone().text();
  const answered = { ...event, response: Response.json({}, { status: 401 }) };
  await hooks.onResponse(answered);
  assertEquals(await answered.response.text(), DONE);
  const [, again] = environment.sent;
  assertEquals([again?.body, again?.headers.authorization], [text, "Bearer SECRET-a1"]);
});

/** Hooks with an access token that is about to expire, and a lock that never comes free. */
async function heldLock(changes: { readonly enterpriseUrl?: string } = {}) {
  const environment = fakeEnvironment();
  const file = {
    path: "/auth.json",
    read: () => Promise.resolve(text),
    replace: () => Promise.resolve(true),
    assertWritable: () => Promise.resolve(),
    lock: () => new Promise<never>(() => {}),
  };
  const expired = { ...ROW, ...changes, expires: environment.time + 10_000 };
  const { methodID: _, ...entry } = expired;
  const text = JSON.stringify({ "kimi-for-coding-oauth": entry });
  Object.assign(environment, {
    authFile: () => Promise.resolve(file),
    alarm: (milliseconds: number, ring: () => void) => {
      if (milliseconds === 30_000) setTimeout(ring);
      return () => {};
    },
  });
  const { options } = readOptions({});
  const core = createCore(environment, options, createRefreshMemory());
  const hooks = createChatHooks(core, folder(() => Promise.resolve(fromRow(expired))));
  const event = requestEvent(BODY);
  await hooks.onRequest(event);
  return { hooks, event };
}

Deno.test("contract 8: a login of kimi.ai is sent to kimi.ai although its refresh waits", async () => {
  const { oauth, api } = { oauth: "https://auth.kimi.ai", api: "https://api.kimi.ai/coding/v1" };
  const { event } = await heldLock({ enterpriseUrl: `${oauth} ${api}` });
  assertEquals(event.request.url, "https://api.kimi.ai/coding/v1/chat/completions");
});

Deno.test("contract 9: a lock that is held for long does not hold the request: opencode's own token goes out", async () => {
  const { hooks, event } = await heldLock();
  assertEquals(event.request.headers.get("authorization"), `Bearer ${ROW.access}`);
  assertEquals(event.request.headers.get("user-agent"), "KimiCLI/1.51.0");
  const answered = { ...event, response: Response.json({}, { status: 401 }) };
  await hooks.onResponse(answered);
  const { error } = await answered.response.json();
  assertEquals([answered.response.status, error.message], [
    503,
    "Token refresh: it did not end within 30 s",
  ]);
});
