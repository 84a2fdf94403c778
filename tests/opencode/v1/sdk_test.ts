/** The hooks under opencode's real SDK, against the strict fake Kimi. */

import { assert, assertEquals } from "@std/assert";
import { createRefreshMemory } from "../../../lib/client/tokens/login_store.ts";
import { createHooks } from "../../../lib/opencode/v1/hooks.ts";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import { fakeEnvironment, KIMI_CLI_HEADERS } from "../../support/environment.ts";
import { type FakeKimi, type RecordedRequest, startFakeKimi } from "../../support/fake/kimi.ts";
import { promptOf, sdkModel, type Spec, toolsOf } from "../../support/conversations.ts";
import { configured, fakeOpencode, ID, sdkPart } from "./fixtures.ts";

type Asked = Pick<Spec, "system" | "messages" | "tools"> & { readonly agent: string };

const MAIN: Asked = {
  agent: "build",
  system: "You are opencode, an interactive tool.",
  messages: [{ role: "user", text: "hello [[bash]]" }],
  tools: [{ name: "bash", description: "Runs", parameters: { type: "object", properties: {} } }],
};

const TITLE: Asked = {
  agent: "title",
  system: "You are a title generator.",
  messages: [{ role: "user", text: "Generate a title for this conversation:\n" }],
  tools: [],
};

/** One instance of opencode, logged in at the fake. */
async function instance(fake: FakeKimi) {
  const { access_token, refresh_token } = fake.issueTokens();
  const environment = Object.assign(fakeEnvironment(), { fetch: globalThis.fetch });
  environment.time = Date.now();
  const opencode = fakeOpencode({
    type: "oauth",
    access: access_token,
    refresh: refresh_token,
    expires: Date.now() + 900_000,
    enterpriseUrl: `${fake.url} ${fake.apiBase}`,
  });
  const hooks = createHooks(
    environment,
    opencode.client,
    undefined,
    { memory: createRefreshMemory(), notices: { told: new Map() } },
  );
  const { options: written } = await configured({ hooks });
  await hooks.auth.loader(opencode.getAuth);
  return async function ask({ agent, tools, ...asked }: Asked, variant: JsonObject = {}) {
    const output = { options: { ...variant } };
    await hooks["chat.params"]({ sessionID: "ses_1", agent, model: { providerID: ID } }, output);
    const { baseURL, transformRequestBody, fetch } = sdkPart(written);
    const model = sdkModel({
      baseURL,
      transformRequestBody,
      fetch: (input, init) => fetch(String(input), init),
    });
    const { stream } = await model.doStream({
      prompt: promptOf(asked),
      tools: toolsOf({ tools }),
      headers: { "x-session-id": "ses_1", "User-Agent": "opencode/1.18.33" },
      providerOptions: { [ID]: JSON.parse(JSON.stringify(output.options)) },
    });
    const parts = [];
    for await (const part of stream) parts.push(part);
    assert(parts.some(({ type }) => type === "finish"));
    return parts;
  };
}

function bodyOf(request: RecordedRequest | undefined): JsonObject {
  const body: unknown = JSON.parse(request?.body ?? "null");
  return isObject(body) ? body : {};
}

Deno.test("a title and a main request at once send paired fields and one cache key", async () => {
  await using fake = await startFakeKimi();
  const ask = await instance(fake);
  const high = { reasoningEffort: "high", thinking: { type: "enabled" } };
  await Promise.all([ask(TITLE, high), ask(MAIN, high)]);
  const bodies = fake.requestsOf("chat").map(bodyOf);
  const fields = bodies.map(({ thinking, reasoning_effort, prompt_cache_key }) => ({
    thinking,
    reasoning_effort,
    prompt_cache_key,
  }));
  const key = { prompt_cache_key: "ses_1" };
  assertEquals(fields.sort((a) => a.reasoning_effort === undefined ? -1 : 1), [
    { thinking: { type: "disabled" }, reasoning_effort: undefined, ...key },
    { thinking: { type: "enabled" }, reasoning_effort: "high", ...key },
  ]);
});

Deno.test("contract 7: a request has the headers of the list and those of the runtime, and no others", async () => {
  await using fake = await startFakeKimi();
  const ask = await instance(fake);
  await ask(MAIN);
  const transport = ["accept-encoding", "accept-language", "connection", "content-length", "host"];
  const [chat] = fake.requestsOf("chat");
  const names = chat?.headers.map(([name]) => name.toLowerCase()) ?? [];
  assertEquals(names.filter((name) => !transport.includes(name)).sort(), [
    ...["accept", "authorization", "content-type"],
    ...Object.keys(KIMI_CLI_HEADERS),
  ]);
});

Deno.test("contract 4: after a title and a main request at once, the next turn uses the main count", async () => {
  const totals = { prompt_tokens: 90_000, completion_tokens: 500 };
  await using fake = await startFakeKimi({ answers: [{ text: "hi", usage: totals }] });
  const ask = await instance(fake);
  await Promise.all([ask(TITLE), ask(MAIN)]);
  const messages = [
    ...MAIN.messages,
    { role: "assistant", text: "hi" } as const,
    { role: "user", text: "x".repeat(400) } as const,
  ];
  await ask({ ...MAIN, messages });
  const { max_completion_tokens } = bodyOf(fake.requestsOf("chat").at(-1));
  assertEquals(max_completion_tokens, 262_144 - (90_500 + 100 + 1024));
});

Deno.test("contract 10: the SDK gets an answer although the token has expired", async () => {
  await using fake = await startFakeKimi();
  const ask = await instance(fake);
  fake.expireAccessTokens();
  await Promise.all([ask(TITLE), ask(MAIN)]);
  assertEquals([fake.refreshes, fake.revokedChains], [1, 0]);
  assertEquals(fake.requestsOf("chat").filter(({ status }) => status === 200).length, 2);
});
