import { assertEquals, assertNotMatch } from "@std/assert";
import { format, inspect } from "node:util";
import { credentialFromTokens, fromAuthEntry } from "../../lib/client/tokens/credential.ts";
import { startDeviceLogin } from "../../lib/client/tokens/device_login.ts";
import { refreshTokenRequest } from "../../lib/kimi/oauth/grants.ts";
import { type Answer, fakeEnvironment, NOW } from "../support/environment.ts";
import { chatSetup, events, init, URL_OF_CHAT } from "./chat/fixtures.ts";
import {
  deviceAnswer,
  html,
  login,
  oauthError,
  rotating,
  setup,
  sourceOf,
  tokenAnswer,
} from "./fixtures.ts";

/** All that a log or a terminal may make of a value. */
function shown(value: unknown): string {
  const texts = [
    Deno.inspect(value, { depth: 20 }),
    inspect(value, { depth: 20 }),
    format("%s %j %O", value, value, value),
    JSON.stringify(value),
    String(value),
    JSON.stringify(Object.entries(Object(value))),
    JSON.stringify({ ...Object(value) }),
  ];
  return texts.join("\n");
}

function assertHidden(value: unknown): void {
  assertNotMatch(shown(value), /SECRET/);
}

const OPTIONS = { host: "https://auth.kimi.com", client: "kimi-cli", scope: "kimi-code" } as const;

Deno.test("the search of these tests finds what is shown", () => {
  const values = [{ a: "SECRET" }, new Error("SECRET"), new Map([["SECRET", 1]]), ["SECRET"]];
  for (const value of values) assertEquals(/SECRET/.test(shown(value)), true);
});

Deno.test("contract 8: a pending login and its tokens do not show", async () => {
  const environment = fakeEnvironment({
    answer: ({ url }) => url.endsWith("/token") ? tokenAnswer(1) : deviceAnswer(),
  });
  const pending = await startDeviceLogin(environment, OPTIONS);
  assertHidden(pending);
  assertHidden(pending.authorization);
  const tokens = await pending.tokens();
  assertEquals(tokens.accessToken, "SECRET-a1");
  assertHidden(tokens);
  const credential = credentialFromTokens(tokens, NOW);
  assertEquals(credential.refresh, "SECRET-r1");
  assertHidden(credential);
});

Deno.test("contract 8: a login that was read does not show", () => {
  const entry = { type: "oauth", access: "SECRET-a", refresh: "SECRET-r", expires: NOW };
  const credential = fromAuthEntry(entry);
  assertEquals(credential?.access, "SECRET-a");
  assertHidden(credential);
});

Deno.test("contract 8: what a token source gives does not show", async () => {
  const { source, environment } = setup(login(0));
  assertHidden(source);
  assertHidden(await source.stored());
  assertHidden(await source.current());
  environment.time += 1;
  assertHidden(await source.renew("SECRET-a1"));
});

Deno.test("contract 8: what a process remembers of its refreshes does not show", async () => {
  const { source, memory } = setup(login(0), rotating());
  const running = source.current();
  await new Promise((resolve) => setTimeout(resolve));
  assertHidden(memory);
  await running;
  assertHidden(memory);
  const rejected = setup(login(0), () => oauthError("invalid_grant"));
  await rejected.source.current().catch(() => {});
  assertHidden(rejected.memory);
});

Deno.test("contract 8: a refresh request does not show its token", () => {
  assertHidden(refreshTokenRequest({ host: "https://auth.kimi.com", identity: {} }, "SECRET-r0"));
});

Deno.test("contract 8: a chat and its answers do not show a token", async () => {
  const { talk } = await chatSetup(() => events("[DONE]"));
  assertHidden(talk);
  assertHidden(await talk.fetch(URL_OF_CHAT, init()));
});

const FAILURES: Readonly<Record<string, Answer>> = {
  "a dropped connection": () => Promise.reject(new TypeError("reset")),
  "a 503": () => html(503),
  "a portal's page": () => html(403),
  "HTML for JSON": () => html(200),
  "a rejection": () => oauthError("invalid_grant"),
  "another OAuth error": () => oauthError("invalid_client"),
  "an answer without a refresh token": () => Response.json({ access_token: "SECRET-new" }),
  "an answer without an access token": () => Response.json({ refresh_token: "SECRET-new" }),
  "an answer of another type": () => Response.json({ access_token: ["SECRET-new"] }),
  "a service that repeats the token": ({ body }) =>
    Response.json({
      error: "invalid_request",
      error_description: `bad ${new URLSearchParams(body).get("refresh_token")}`,
    }, { status: 400 }),
};

for (const [name, answer] of Object.entries(FAILURES)) {
  Deno.test(`contract 8: after ${name} on a refresh, no log line or error holds a token`, async () => {
    for (const left of [400, 0]) {
      const { source, environment } = setup(login(left), answer);
      const results = await Promise.allSettled([source.current(), source.renew("SECRET-a0")]);
      const reasons = results.map((result) => result.status === "rejected" && result.reason);
      assertHidden(reasons);
      assertHidden(environment.logs);
      const { talk, environment: other } = await chatSetup(() => html(401), {
        stored: login(left),
        oauth: answer,
      });
      assertNotMatch(await (await talk.fetch(URL_OF_CHAT, init())).text(), /SECRET/);
      assertHidden(other.logs);
    }
  });
}

Deno.test("contract 8: after a write that fails, no log line holds a token", async () => {
  const { environment, store, memory } = setup(login(0));
  store.write = () => Promise.reject(new Error("EROFS"));
  await sourceOf(environment, store, memory).current();
  assertEquals(environment.logs.length, 1);
  assertHidden(environment.logs);
});

Deno.test("contract 8: an error of a login holds no token", async () => {
  const answers: readonly Answer[] = [
    () => Response.json({ access_token: "SECRET-a1" }),
    () => oauthError("access_denied"),
    () => html(200),
  ];
  for (const answer of answers) {
    const environment = fakeEnvironment({
      answer: (sent) => sent.url.endsWith("/token") ? answer(sent) : deviceAnswer(),
    });
    const pending = await startDeviceLogin(environment, OPTIONS);
    assertHidden(await pending.tokens().catch((error: unknown) => error));
    assertHidden(environment.logs);
  }
});
