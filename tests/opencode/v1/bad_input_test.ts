/** "Bad input" of the issue: a clear line each, opencode goes on working, nothing is lost. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { events } from "../../client/chat/fixtures.ts";
import { html, NOT_LOGGED_IN, tokenAnswer } from "../../client/fixtures.ts";
import { type Answer, NOW } from "../../support/environment.ts";
import { ask, ID, oauthEntry, type Plugin, plugin, settled, started } from "./fixtures.ts";

function service(oauth: Answer = () => tokenAnswer(1)): Answer {
  return (request) => {
    if (request.url.endsWith("/models")) return Response.json({ data: [] });
    return request.url.endsWith("/token") ? oauth(request) : events("[DONE]");
  };
}

function refreshes({ environment }: Plugin): number {
  return environment.sent.filter(({ url }) => url.endsWith("/token")).length;
}

const NO_LOGIN: readonly unknown[] = [
  undefined,
  null,
  "text",
  7,
  [],
  {},
  { type: "api", key: "SECRET" },
  { type: "wellknown", key: "k", token: "SECRET" },
  { type: "oauth" },
  { type: "oauth", access: "SECRET", expires: NOW },
  { type: "oauth", refresh: "SECRET", expires: NOW },
  { type: "oauth", access: "", refresh: "SECRET", expires: NOW },
  { type: "oauth", access: 7, refresh: ["SECRET"], expires: NOW },
];

for (const entry of NO_LOGIN) {
  Deno.test(`an auth.json entry ${JSON.stringify(entry)} counts as no login`, async () => {
    const made = plugin({ answer: service(), entry });
    const answer = await ask(await started(made));
    assertEquals((await answer.json()).error.message, NOT_LOGGED_IN);
    await settled();
    assertEquals([made.environment.sent, made.opencode.set], [[], []]);
    assertEquals(made.opencode.entry, entry, "nothing is lost");
  });
}

const SECONDS = NOW / 1000 + 900;

for (const expires of [NOW + 900_000.5, SECONDS, SECONDS + 0.25, `${NOW + 900_000}`]) {
  Deno.test(`expires ${JSON.stringify(expires)} is understood: no refresh`, async () => {
    const made = plugin({ answer: service(), entry: oauthEntry(0, { expires }) });
    assertEquals((await ask(await started(made))).status, 200);
    assertEquals(refreshes(made), 0);
  });
}

for (const expires of [NaN, Infinity, -1, 0, undefined, null, "soon", "", {}, [], true, 1e300]) {
  Deno.test(`expires ${String(expires) || '""'} costs a refresh at most, and no login`, async () => {
    const made = plugin({ answer: service(), entry: oauthEntry(0, { expires }) });
    assertEquals((await ask(await started(made))).status, 200);
    assert(refreshes(made) <= 1);
    for (const [entry] of made.opencode.set.map((set) => Object.values(Object(set)))) {
      assert(Number.isInteger(Reflect.get(Object(entry), "expires")));
    }
    assertEquals(made.environment.logs, []);
  });
}

const ANSWERS: readonly (readonly [string, Answer])[] = [
  ["without access_token", () => Response.json({ refresh_token: "SECRET" })],
  ["without refresh_token", () => Response.json({ access_token: "SECRET" })],
  ["with a field of another type", () => Response.json({ access_token: 1, refresh_token: {} })],
  ["that is HTML", () => html(200)],
  ["that is a list", () => Response.json([])],
  ["that is empty", () => new Response("")],
  ["that is no UTF-8", () => new Response(new Uint8Array([0xff, 0xfe, 0x7b]))],
];

for (const [name, oauth] of ANSWERS) {
  Deno.test(`a token answer ${name} is one line, and the login is kept`, async () => {
    const made = plugin({ answer: service(oauth), entry: oauthEntry(0) });
    const sdk = await started(made);
    const answer = await ask(sdk);
    assertEquals(answer.status, 400);
    assertMatch((await answer.json()).error.message, /^Token refresh(?: failed)?: [^\n]+[^.\n]$/);
    assertEquals([made.opencode.set, made.opencode.entry], [[], oauthEntry(0)]);
    made.environment.answer = service();
    assertEquals((await ask(sdk)).status, 200);
  });
}

Deno.test("chat answers that are web pages are errors that name the portal, and spend no refresh token", async () => {
  for (const status of [400, 401, 403, 404]) {
    const made = plugin({
      answer: ({ url }) => url.endsWith("/models") ? Response.json({}) : html(status),
    });
    const answer = await ask(await started(made));
    assertEquals([answer.status, refreshes(made)], [status, 0]);
    assertMatch(
      (await answer.json()).error.message,
      /^Chat: .+ a web page came in its place: log in/,
    );
  }
});

Deno.test("broken input of every kind leaves other providers' requests alone", async () => {
  const made = plugin({
    entry: "corrupt",
    options: ["broken"],
    variables: { KIMI_MODEL_TOP_P: "x" },
  });
  const config = { provider: { other: { options: { apiKey: "k" } }, [ID]: "broken" } };
  await made.hooks.config(config);
  await made.hooks.auth.loader(() => Promise.reject(new Error("EIO")), "broken");
  const output = { options: { reasoningEffort: "high" } };
  await made.hooks["chat.params"]({ sessionID: "s", model: { providerID: "other" } }, output);
  assertEquals(config.provider.other, { options: { apiKey: "k" } });
  assertEquals(output, { options: { reasoningEffort: "high" } });
  assertEquals(made.environment.logs.length, 2);
});
