/** The fetch of createKimi without a network: URLs, bodies and errors. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { createKimi } from "../../../lib/client/kimi.ts";
import { memoryStore } from "../../../lib/client/tokens/login_store.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { fakeEnvironment } from "../../support/environment.ts";
import { oauthError } from "../fixtures.ts";
import { API, asked, bodyOf, errorOf, made, newLogin, OPENAI, post } from "./fixtures.ts";

Deno.test("fetch sends every base URL to the API base in force", async () => {
  const cases: readonly (readonly [given: string, sent: string])[] = [
    ["https://api.kimi.com/coding/v1/chat/completions", "/chat/completions"],
    ["https://api.openai.com/v1/chat/completions?a=b", "/chat/completions?a=b"],
    ["http://placeholder/chat/completions", "/chat/completions"],
    ["http://localhost/a/proxy/chat/completions", "/chat/completions"],
    ["/chat/completions", "/chat/completions"],
    ["https://api.openai.com/v1/models", "/models"],
    ["https://api.openai.com/v1/models/k3", "/models/k3"],
    ["https://api.openai.com/v1/files", "/files"],
    ["https://evil.example/coding/v1/usages", "/usages"],
  ];
  for (const base of [API, "https://api.kimi.com/other/v2"]) {
    const { kimi, environment, store } = made({ variables: { KIMI_CODE_BASE_URL: base } });
    const bearer = `Bearer ${(await store.read())?.access}`;
    for (const [given, path] of cases) {
      await kimi.fetch(given, path.includes("chat") ? post(asked()) : {});
      const { url, headers } = environment.sent.at(-1) ?? {};
      assertEquals([url, headers?.authorization], [`${base}${path}`, bearer]);
    }
  }
});

Deno.test("fetch sends no token to a host that was not known at the login", async () => {
  const hosts = { oauth: "https://auth.kimi.com", api: "https://evil.example/v1" };
  const { kimi, environment } = made({ hosts });
  const [status, message] = await errorOf(await kimi.fetch(OPENAI, post(asked())));
  assertEquals([status, environment.sent], [400, []]);
  assert(message.includes("evil.example"), message);
});

Deno.test("fetch sends kimi-cli's body and headers, whatever the caller's are", async () => {
  const { kimi, environment } = made();
  const body = { ...asked(), temperature: 0.1, max_tokens: 5, seed: 1, tool_choice: "required" };
  await kimi.fetch(OPENAI, {
    ...post({ ...body, stream: true }),
    headers: { Authorization: "Bearer mine", "User-Agent": "OpenAI/JS", "X-Stainless-OS": "Linux" },
  });
  assertEquals(Object.keys(bodyOf(environment)), [
    ...["messages", "model", "max_completion_tokens", "prompt_cache_key"],
    ...["stream", "stream_options", "tools", "thinking"],
  ]);
  const names = Object.keys(environment.sent[0]?.headers ?? {}).filter((name) =>
    !/^x-msh-/.test(name)
  );
  assertEquals(names.sort(), ["accept", "authorization", "content-type", "user-agent"]);
  assertEquals(environment.sent[0]?.headers["user-agent"], "KimiCLI/1.51.0");
});

Deno.test("fetch sends max_completion_tokens of the caller", async () => {
  const { kimi, environment } = made();
  await kimi.fetch(OPENAI, post({ ...asked(), max_completion_tokens: 7 }));
  assertEquals(bodyOf(environment).max_completion_tokens, 7);
});

Deno.test("requests of one client share a prompt_cache_key, unless the caller gives one", async () => {
  let made = 0;
  const environment = Object.assign(fakeEnvironment({ answer: () => Response.json({}) }), {
    randomUUID: () => `uuid-${++made}`,
  });
  const options = { environment, store: memoryStore(newLogin()) };
  const [one, other] = [createKimi(options), createKimi(options)];
  await one.fetch(OPENAI, post(asked()));
  await one.fetch(OPENAI, post(asked()));
  await other.fetch(OPENAI, post(asked()));
  await one.fetch(OPENAI, post({ ...asked(), prompt_cache_key: "mine" }));
  const keys = environment.sent.map((_, index) => bodyOf(environment, index).prompt_cache_key);
  assertEquals(keys, ["uuid-1", "uuid-1", "uuid-2", "mine"]);
});

Deno.test("reasoning_effort is paired with thinking", async () => {
  const { kimi, environment } = made();
  const cases = [
    [undefined, { type: "enabled" }, undefined],
    ["high", { type: "enabled" }, "high"],
    ["none", { type: "disabled" }, undefined],
  ] as const;
  for (const [effort, thinking, sent] of cases) {
    await kimi.fetch(OPENAI, post({ ...asked(), reasoning_effort: effort }));
    const body = bodyOf(environment);
    assertEquals([body.thinking, body.reasoning_effort], [thinking, sent]);
  }
});

Deno.test("fetch takes a Request, and a body of bytes", async () => {
  const { kimi, environment } = made();
  await kimi.fetch(new Request(OPENAI, post(asked("one"))));
  await kimi.fetch(OPENAI, {
    method: "POST",
    body: new TextEncoder().encode(JSON.stringify(asked("two"))),
  });
  const texts = environment.sent.map((_, index) =>
    JSON.stringify(bodyOf(environment, index).messages)
  );
  assertEquals(texts.map((text) => /"content":"(\w+)"/.exec(text)?.[1]), ["one", "two"]);
});

Deno.test("fetch answers a request that cannot be sent as the API answers an error", async () => {
  const { kimi, environment } = made();
  const broken = await kimi.fetch(OPENAI, { method: "POST", body: "{" });
  assertEquals(await errorOf(broken), [400, "Chat: the body of the request is not a JSON object"]);
  const tool = { type: "function", function: { name: "f", parameters: {} } };
  const tools = await kimi.fetch(OPENAI, post({ ...asked(), tools: Array(129).fill(tool) }));
  assertEquals((await errorOf(tools))[0], 400);
  assertEquals(environment.sent, []);
});

Deno.test("without a login, or with one that has ended, the caller is told to call login()", async () => {
  const out = made({ stored: undefined });
  assertEquals(await errorOf(await out.kimi.fetch(OPENAI, post(asked()))), [
    401,
    "Not logged in to Kimi: call login() first",
  ]);
  assertEquals((await assertRejects<KimiError>(out.kimi.usage, KimiError)).code, "not_logged_in");
  const ended = made({ answer: () => oauthError("invalid_grant"), stored: newLogin(-1) });
  const error = await assertRejects<KimiError>(ended.kimi.models, KimiError);
  assertEquals([error.code, error.message], [
    "invalid_grant",
    "Kimi no longer accepts the login: call login() again",
  ]);
});
