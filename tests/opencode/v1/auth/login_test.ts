import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { VERSION } from "../../../../lib/kimi/identity/constants.ts";
import { html, oauthError, tokenAnswer } from "../../../client/fixtures.ts";
import { type Answer, NOW } from "../../../support/environment.ts";
import { configured, ID, type Plugin, plugin, type PluginChanges } from "../fixtures.ts";

function host(poll: Answer = () => tokenAnswer(1), changes: object = {}): Answer {
  return (request) =>
    request.url.endsWith("/device_authorization")
      ? Response.json({
        device_code: "SECRET-device",
        user_code: "ABCD-1234",
        verification_uri: "https://www.kimi.com/code/authorize_device",
        verification_uri_complete: "https://www.kimi.com/code/authorize_device?user_code=ABCD-1234",
        expires_in: 900,
        interval: 5,
        ...changes,
      })
      : poll(request);
}

function authorize({ hooks }: Plugin, label = "Kimi account (kimi.com)") {
  const method = hooks.auth.methods.find((method) => method.label === label);
  assert(method);
  return method.authorize();
}

function fresh(changes: PluginChanges = {}): Plugin {
  return plugin({ entry: undefined, answer: host(), ...changes });
}

Deno.test("each region has a login method, kimi.com first", () => {
  const { auth } = fresh().hooks;
  assertEquals(auth.provider, ID);
  assertEquals(auth.methods.map(({ type, label }) => ({ type, label })), [
    { type: "oauth", label: "Kimi account (kimi.com)" },
    { type: "oauth", label: "Kimi account (kimi.ai)" },
  ]);
});

Deno.test("a login at kimi.ai asks auth.kimi.ai and stores its hosts", async () => {
  const made = fresh();
  const entry = await (await authorize(made, "Kimi account (kimi.ai)")).callback();
  assertEquals(entry.enterpriseUrl, "https://auth.kimi.ai https://api.kimi.ai/coding/v1");
  const hosts = made.environment.sent.map(({ url }) => new URL(url).host);
  assertEquals(new Set(hosts), new Set(["auth.kimi.ai"]));
});

Deno.test("contract 8: a login whose hosts are of two regions is refused before anything is sent", async () => {
  const made = fresh({ variables: { KIMI_CODE_BASE_URL: "https://api.kimi.ai/coding/v1" } });
  const error = await authorize(made).catch((error: unknown) => error);
  assert(error instanceof Error);
  assertMatch(error.message, /^A kimi\.com login is not sent to api\.kimi\.ai, /);
  assertEquals(made.environment.sent, []);
});

Deno.test("a login shows the URL, the code and one line about Kimi's terms", async () => {
  const shown = await authorize(fresh());
  assertEquals(shown.url, "https://www.kimi.com/code/authorize_device?user_code=ABCD-1234");
  assertEquals(shown.method, "auto");
  assertStringIncludes(shown.instructions, "ABCD-1234");
  assertMatch(shown.instructions, /^[^\n]+$/);
  assertMatch(
    shown.instructions,
    /Kimi ties this login to its own clients and may suspend accounts/,
  );
  assertStringIncludes(shown.instructions, '"client": "opencode"');
  assertEquals(Object.keys(shown).sort(), ["callback", "instructions", "method", "url"]);
});

Deno.test("a confirmed login returns opencode's entry, with an integer expires", async () => {
  const made = fresh({ answer: host(() => tokenAnswer(1, 899.7)) });
  const entry = await (await authorize(made)).callback();
  assertEquals(entry, {
    type: "success",
    access: "SECRET-a1",
    refresh: "SECRET-r1",
    expires: NOW + 899_700,
  });
  assert(Number.isInteger(entry.expires));
});

Deno.test("a fractional expires is rounded down", async () => {
  const made = fresh({ answer: host(() => tokenAnswer(1, 899.00071)) });
  const { expires } = await (await authorize(made)).callback();
  assertEquals(expires, NOW + 899_000);
});

Deno.test("hosts that are not the default ones are stored with the login", async () => {
  const made = fresh({
    variables: {
      KIMI_CODE_OAUTH_HOST: "https://auth.kimi.ai/",
      KIMI_OAUTH_HOST: "https://unused.example",
      KIMI_CODE_BASE_URL: "https://api.kimi.ai/coding/v1/",
    },
  });
  const { enterpriseUrl } = await (await authorize(made)).callback();
  assertEquals(enterpriseUrl, "https://auth.kimi.ai https://api.kimi.ai/coding/v1");
  assertEquals(new URL(made.environment.sent[0]?.url ?? "").host, "auth.kimi.ai");
});

Deno.test("an API base of the configuration is stored with the login", async () => {
  const made = fresh();
  await configured(made, { options: { baseURL: "https://proxy.example/v1" } });
  const { enterpriseUrl } = await (await authorize(made)).callback();
  assertEquals(enterpriseUrl, "https://auth.kimi.com https://proxy.example/v1");
});

Deno.test("a login uses client and scope of the options", async () => {
  const made = fresh({ options: { client: "opencode", scope: false } });
  await (await authorize(made)).callback();
  for (const { headers, body } of made.environment.sent) {
    assertEquals(headers["user-agent"], `opencode-kimi-full/${VERSION}`);
    assertEquals(new URLSearchParams(body).has("scope"), false);
  }
  const usual = fresh();
  await authorize(usual);
  assertMatch(usual.environment.sent[0]?.body ?? "", /^client_id=[\w-]+&scope=kimi-code$/);
});

const STARTS: readonly (readonly [string, Answer, RegExp])[] = [
  [
    "offline",
    () => Promise.reject(new TypeError("x")),
    /auth\.kimi\.com closed the connection before it answered/,
  ],
  ["a 503", () => html(503), /HTTP 503/],
  ["HTML", () => html(200), /a web page came in its place/],
  [
    "a URL of http",
    host(undefined, { verification_uri: "http://x", verification_uri_complete: "" }),
    /https/,
  ],
];

for (const [name, answer, message] of STARTS) {
  Deno.test(`a login that cannot start throws the reason: ${name}`, async () => {
    const error = await authorize(fresh({ answer })).catch((error: unknown) => error);
    assert(error instanceof Error);
    assertMatch(error.message, message);
    assertMatch(error.message, /^[^\n]+[^.\n]$/);
  });
}

const ENDS: readonly (readonly [string, Answer, RegExp])[] = [
  ["refused", () => oauthError("access_denied"), /refused in the browser/],
  ["expired", () => oauthError("expired_token"), /expired/],
  ["never confirmed", () => oauthError("authorization_pending"), /expired/],
  ["of an unknown client", () => oauthError("invalid_client"), /invalid_client/],
  ["without a field", () => Response.json({ access_token: "SECRET-a1" }), /refresh_token/],
];

for (const [name, poll, message] of ENDS) {
  Deno.test(`a login that is ${name} throws the reason`, async () => {
    const made = fresh({ answer: host(poll) });
    const shown = await authorize(made);
    const error = await shown.callback().catch((error: unknown) => error);
    assert(error instanceof Error);
    assertMatch(error.message, message);
    assert(!error.message.includes("SECRET"));
    assertEquals(made.opencode.set, []);
  });
}

Deno.test("a login at an http host elsewhere throws before anything is sent", async () => {
  const made = fresh({ variables: { KIMI_CODE_OAUTH_HOST: "http://auth.example" } });
  const error = await authorize(made).catch((error: unknown) => error);
  assert(error instanceof Error);
  assertMatch(error.message, /http:\/\/auth\.example cannot be the OAuth host/);
  assertEquals(made.environment.sent, []);
});

Deno.test("the login that opencode stored is used by the next request", async () => {
  const made = fresh();
  const { type: _, ...entry } = await (await authorize(made)).callback();
  made.opencode.entry = { type: "oauth", ...entry };
  await made.hooks.auth.loader(made.opencode.getAuth);
  made.environment.answer = () => Response.json({ data: [] });
  const { fetch } = await made.hooks.auth.loader(made.opencode.getAuth);
  assert(typeof fetch === "function");
  await fetch("https://api.kimi.com/coding/v1/chat/completions", { method: "POST", body: "{}" });
  assertEquals(made.environment.sent.at(-1)?.headers.authorization, "Bearer SECRET-a1");
});
