import { assert, assertEquals, assertMatch, assertNotMatch, assertRejects } from "@std/assert";
import type { Answer } from "../../support/environment.ts";
import {
  assertFails,
  gate,
  html,
  login,
  oauthError,
  REJECTED,
  setup,
  sourceOf,
  tokenAnswer,
} from "../fixtures.ts";

const offline: Answer = () => Promise.reject(new TypeError("fetch failed: ECONNREFUSED"));
const lost: Answer = () => Promise.reject(new TypeError("connection reset"));
const unavailable: Answer = () => Response.json({ message: "down" }, { status: 503 });

function times(answer: Answer, count: number): Answer {
  let left = count;
  return (request) => left-- > 0 ? answer(request) : tokenAnswer(1);
}

for (const status of [429, 500, 502, 503, 504]) {
  Deno.test(`a refresh answered ${status} is tried three times, after 1 s and 2 s`, async () => {
    const twice = setup(login(0), times(() => html(status), 2));
    assertEquals((await twice.source.current()).access, "SECRET-a1");
    assertEquals(twice.environment.sleeps, [1000, 2000]);
    const always = setup(login(0), () => html(status));
    await assertFails(() => always.source.current(), "server_error", `HTTP ${status}`);
    assertEquals(always.environment.sent.length, 3);
    assertEquals(always.environment.sleeps, [1000, 2000]);
  });
}

Deno.test("a refresh whose answer promises nothing by another try is not tried again", async () => {
  const answers: readonly Answer[] = [
    () => oauthError("invalid_client"),
    () => html(403),
    () => html(200),
    () => Response.json({ error: "not_implemented" }, { status: 501 }),
    () => new Response(null, { status: 302, headers: { Location: "https://example.com/" } }),
  ];
  for (const answer of answers) {
    const { environment, source } = setup(login(0), answer);
    await source.current().then(() => assert(false), () => {});
    assertEquals([environment.sent.length, environment.sleeps], [1, []]);
  }
});

Deno.test("contract 9: a refresh whose answer was lost is not sent again while the token is valid", async () => {
  const { environment, source } = setup(login(400), lost);
  for (const wait of [0, 30_000, 60_000]) {
    environment.time += wait;
    assertEquals((await source.current()).access, "SECRET-a0");
    await source.settled();
  }
  assertEquals(environment.sent.length, 1);
});

Deno.test("contract 9: once the token has expired it is sent once more for each request", async () => {
  const { environment, source } = setup(login(0), lost);
  await assertFails(() => source.current(), "network", "closed the connection before it answered");
  assertEquals(environment.sent.length, 2);
});

Deno.test("contract 9: a failed refresh leaves a valid token in use and pauses for 30 s", async () => {
  for (
    const answer of [unavailable, offline, () => html(403), () => oauthError("invalid_client")]
  ) {
    const { environment, source, store } = setup(login(400), answer);
    assertEquals((await source.current()).access, "SECRET-a0");
    await source.settled();
    const tries = environment.sent.length;
    environment.time += 29_999;
    assertEquals((await source.current()).access, "SECRET-a0");
    await source.settled();
    assertEquals(environment.sent.length, tries);
    environment.answer = () => tokenAnswer(1);
    environment.time += 1;
    await source.current();
    await source.settled();
    assertEquals((await source.current()).access, "SECRET-a1");
    assertEquals(environment.sent.length, tries + 1);
    assertEquals(store.writes.length, 1);
    assertEquals(environment.logs.length, 1);
    assertMatch(environment.logs[0] ?? "", /^warn: Token refresh[^\n]+ is used while it is valid$/);
  }
});

Deno.test("contract 9: the pause ends with the token", async () => {
  const { environment, source } = setup(login(10), unavailable);
  await source.current();
  environment.answer = () => tokenAnswer(1);
  environment.time += 10_000;
  assertEquals((await source.current()).access, "SECRET-a1");
});

Deno.test("an expired token with a failing refresh is an error that names the cause", async () => {
  const rows = [
    [unavailable, "server_error", /^Token refresh failed: HTTP 503, down$/],
    [() => html(500), "server_error", /^Token refresh failed: HTTP 500, no JSON$/],
    [offline, "unreachable", /^Token refresh: auth\.kimi\.com refuses connections: check the host/],
    [
      lost,
      "network",
      /^Token refresh: auth\.kimi\.com closed the connection before it answered: try/,
    ],
    [() => html(200), "invalid_answer", /a web page came in its place/],
    [() => html(403), "invalid_answer", /a web page came in its place/],
    [() => oauthError("invalid_client"), "oauth_error", /invalid_client: said of/],
    [() => Response.json({ access_token: "SECRET" }), "invalid_answer", /refresh_token/],
    [() => Response.json({ refresh_token: "SECRET" }), "invalid_answer", /access_token/],
    [() => Response.json({ access_token: 1, refresh_token: null }), "invalid_answer", /lacks/],
  ] as const;
  for (const [answer, code, message] of rows) {
    for (const left of [0, -5000]) {
      const { source, store, environment } = setup(login(left), answer);
      const error = await assertFails(() => source.current(), code);
      assertMatch(error.message, message);
      assertNotMatch(error.message, /SECRET|\n/);
      assertEquals([store.writes, store.stored?.refresh], [[], "SECRET-r0"]);
      environment.answer = () => tokenAnswer(1);
      assertEquals((await source.current()).access, "SECRET-a1", "nothing is lost");
    }
  }
});

Deno.test("a refresh answer that breaks off is an error that names the cause", async () => {
  const broken = () =>
    new Response(new ReadableStream({ start: (stream) => stream.error(new TypeError("cut")) }));
  const { source, environment } = setup(login(0), broken);
  await assertFails(() => source.current(), "network", "Token refresh");
  assertEquals(environment.sent.length, 2);
});

const REJECTIONS: readonly (readonly [string, Answer])[] = [
  ["invalid_grant", () => oauthError("invalid_grant")],
  ["401 with an OAuth error", () => oauthError("invalid_token", 401)],
  ["403 with an OAuth error", () => oauthError("access_denied", 403)],
];

for (const [name, answer] of REJECTIONS) {
  Deno.test(`contract 9: ${name} asks to log in and is not sent again by the process`, async () => {
    for (const left of [400, 0]) {
      const { environment, source, store, memory } = setup(login(left), answer);
      if (left > 0) assertEquals((await source.current()).access, "SECRET-a0");
      await source.settled();
      const error = await assertFails(() => source.current(), "invalid_grant");
      assertEquals(error.message, REJECTED);
      const other = sourceOf(environment, store, memory);
      await assertFails(() => other.current(), "invalid_grant", REJECTED);
      await assertFails(() => source.renew("SECRET-a0"), "invalid_grant", REJECTED);
      assertEquals([environment.sent.length, store.writes], [1, []]);
    }
  });
}

Deno.test("contract 9: a portal's HTML 401 or 403 is no rejection", async () => {
  for (const status of [401, 403]) {
    const { environment, source } = setup(login(0), () => html(status));
    await assertFails(() => source.current(), "invalid_answer");
    environment.answer = () => tokenAnswer(1);
    assertEquals((await source.current()).access, "SECRET-a1");
  }
});

Deno.test("contract 9: after a rejection a new login works at once", async () => {
  const { environment, source, store } = setup(login(0), () => oauthError("invalid_grant"));
  await assertFails(() => source.current(), "invalid_grant");
  store.stored = login(900, "7");
  assertEquals((await source.current()).access, "SECRET-a7");
  assertEquals(environment.sent.length, 1);
});

Deno.test("contract 9: a sibling's newer token is used after a rejection", async () => {
  const { source, store } = setup(login(0), () => {
    store.stored = login(900, "sibling");
    return oauthError("invalid_grant");
  });
  const callers = [source.current(), source.current(), source.renew("SECRET-a0")];
  const all = await Promise.all(callers);
  assertEquals(all.map(({ access }) => access), Array(3).fill("SECRET-asibling"));
  assertEquals(store.writes, []);
});

Deno.test("contract 11: a logout during a refresh that fails wins, though the token is still valid", async () => {
  const { source, store } = setup(login(400), () => {
    store.stored = undefined;
    return oauthError("invalid_client");
  });
  await source.current();
  await source.settled();
  await assertFails(() => source.current(), "not_logged_in");
});

Deno.test("all callers that waited for a failing refresh learn why", async () => {
  const { environment, source } = setup(login(0), unavailable);
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => source.current()));
  assertEquals(environment.sent.length, 3);
  for (const result of results) {
    assertMatch(result.status === "rejected" ? String(result.reason) : "", /HTTP 503/);
  }
});

Deno.test("a refresh that hangs delays neither a newer login nor the refresh of one", async () => {
  const sent = gate();
  const waiting = gate();
  const { environment, source, store } = setup(login(0), async () => {
    sent.open();
    await waiting.passed;
    return tokenAnswer(1);
  });
  let isOver = false;
  const first = source.current().finally(() => isOver = true);
  await sent.passed;
  store.stored = login(900, "6");
  assertEquals([(await source.current()).access, isOver], ["SECRET-a6", false]);
  store.stored = login(0, "7");
  environment.answer = () => tokenAnswer("8");
  assertEquals([(await source.current()).access, isOver], ["SECRET-a8", false]);
  waiting.open();
  assertEquals((await first).access, "SECRET-a8", "the login that is stored by now");
});

Deno.test("contract 8: a refresh token goes to no host that was not set at the login", async () => {
  for (const host of ["https://auth.example", "http://auth.kimi.com", "https://kimi.com.example"]) {
    const { environment, source } = setup(login(0), () => tokenAnswer(1), {
      KIMI_CODE_OAUTH_HOST: host,
    });
    await assertFails(() => source.current(), "untrusted_host");
    assertEquals(environment.sent, []);
  }
});

Deno.test("a permission that Deno denies is no lost answer: it is shown, and nothing is spent", async () => {
  const said = 'Requires net access to "auth.kimi.com:443", run again with the --allow-net flag';
  const denied = () => Promise.reject(Object.assign(new Error(said), { name: "NotCapable" }));
  const { source, environment } = setup(login(0), denied);
  const error = await assertRejects(() => source.current(), Error, said);
  assertEquals([error.name, environment.sent.length], ["NotCapable", 1]);
  environment.answer = () => tokenAnswer(1);
  assertEquals((await source.current()).access, "SECRET-a1");
});
