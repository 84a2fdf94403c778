import { assertEquals, assertMatch } from "@std/assert";
import { type LoginOptions, startDeviceLogin } from "../../../lib/client/tokens/device_login.ts";
import {
  type Answer,
  type FakeEnvironment,
  fakeEnvironment,
  KIMI_CLI_HEADERS,
  NOW,
} from "../../support/environment.ts";
import { assertFails, deviceAnswer, html, oauthError, tokenAnswer } from "../fixtures.ts";

const OPTIONS: LoginOptions = {
  host: "https://auth.kimi.com",
  client: "kimi-cli",
  scope: "kimi-code",
};

type Poll = () => Response | Promise<Response>;

const pending: Poll = () => oauthError("authorization_pending");
const slowDown: Poll = () => oauthError("slow_down");
const confirmed: Poll = () => tokenAnswer(1);

/** Answers the device authorization, then the polls in order; the last one for ever. */
function host(first: Response, ...polls: readonly Poll[]): Answer {
  let count = 0;
  return ({ url }) =>
    url.endsWith("/device_authorization")
      ? first
      : (polls[Math.min(count++, polls.length - 1)] ?? pending)();
}

async function logIn(
  environment: FakeEnvironment,
  options: Partial<LoginOptions> = {},
): Promise<string> {
  const login = await startDeviceLogin(environment, { ...OPTIONS, ...options });
  return (await login.tokens()).accessToken;
}

function polled(environment: FakeEnvironment): number[] {
  return environment.sent.slice(1).map(({ at }) => (at - NOW) / 1000);
}

Deno.test("the first poll is sent at once, the others at the interval", async () => {
  const environment = fakeEnvironment({
    answer: host(deviceAnswer(), pending, pending, confirmed),
  });
  assertEquals(await logIn(environment), "SECRET-a1");
  assertEquals(polled(environment), [0, 5, 10]);
});

// kimi-cli 1.51.0 `auth/oauth.py`: `int(data.get("interval") or 5)`, then `max(auth.interval, 1)`.
for (const [interval, wait] of [[0.2, 1], [1, 1], [7, 7], ["3", 3], [0, 5], [undefined, 5]]) {
  Deno.test(`with an interval of ${interval}, polls are ${wait} s apart`, async () => {
    const answer = host(deviceAnswer({ interval }), pending, pending, confirmed);
    const environment = fakeEnvironment({ answer });
    await logIn(environment);
    assertEquals(polled(environment), [0, Number(wait), 2 * Number(wait)]);
  });
}

Deno.test("slow_down adds 5 s to all further waits, each time", async () => {
  const answer = host(deviceAnswer(), slowDown, pending, slowDown, pending, confirmed);
  const environment = fakeEnvironment({ answer });
  await logIn(environment);
  assertEquals(environment.sleeps, [10_000, 10_000, 15_000, 15_000]);
});

Deno.test("polling goes on through dropped connections and 5xx", async () => {
  const answer = host(
    deviceAnswer(),
    () => Promise.reject(new TypeError("connection reset")),
    () => html(502),
    () => Response.json({ error: "server_error" }, { status: 503 }),
    () => oauthError("too_many", 429),
    () => new Response(new ReadableStream({ start: (stream) => stream.error(new Error("cut")) })),
    confirmed,
  );
  const environment = fakeEnvironment({ answer });
  assertEquals(await logIn(environment), "SECRET-a1");
  assertEquals(polled(environment), [0, 5, 10, 15, 20, 25]);
});

Deno.test("polling stops at expires_in", async () => {
  const environment = fakeEnvironment({ answer: host(deviceAnswer({ expires_in: 60 }), pending) });
  await assertFails(() => logIn(environment), "expired_token", "expired");
  assertEquals([polled(environment).at(-1), environment.time], [60, NOW + 60_000]);
});

Deno.test("a login that is confirmed after the last whole interval succeeds", async () => {
  const device60 = deviceAnswer({ expires_in: 60, interval: 25 });
  const environment = fakeEnvironment({
    answer: host(device60, pending, pending, pending, confirmed),
  });
  assertEquals(await logIn(environment), "SECRET-a1");
  assertEquals(polled(environment), [0, 25, 50, 60]);
});

Deno.test("a clock that is set forward or back during a login does not change how long it may take", async () => {
  for (const jump of [3_600_000, -3_600_000]) {
    const device60 = deviceAnswer({ expires_in: 60, interval: 25 });
    const environment = fakeEnvironment({ answer: host(device60, pending) });
    const late = () => void (environment.sleeps.length === 1 && (environment.time += jump));
    environment.onSleep = late;
    await assertFails(() => logIn(environment), "expired_token", "expired");
    assertEquals(environment.sleeps, [25_000, 25_000, 10_000]);
  }
});

Deno.test("polling stops at expires_in while the host is down", async () => {
  const answer = host(deviceAnswer({ expires_in: 60 }), () => html(500));
  await assertFails(() => logIn(fakeEnvironment({ answer })), "expired_token");
});

for (const code of ["access_denied", "expired_token"] as const) {
  Deno.test(`${code} ends the login with its own code`, async () => {
    const environment = fakeEnvironment({
      answer: host(deviceAnswer(), pending, () => oauthError(code), confirmed),
    });
    await assertFails(() => logIn(environment), code);
    assertEquals(polled(environment), [0, 5]);
  });
}

Deno.test("any other OAuth error ends the login with its name", async () => {
  const answer = host(deviceAnswer(), () => oauthError("invalid_client", 401), confirmed);
  await assertFails(() => logIn(fakeEnvironment({ answer })), "oauth_error", "invalid_client");
});

Deno.test("a token answer without a field, or HTML, ends the login with one line", async () => {
  const answers: readonly Poll[] = [
    () => Response.json({ access_token: "SECRET-a1" }),
    () => Response.json({ refresh_token: "SECRET-r1" }),
    () => html(200),
    () => html(403),
  ];
  for (const answer of answers) {
    const environment = fakeEnvironment({ answer: host(deviceAnswer(), answer) });
    const error = await assertFails(() => logIn(environment), "invalid_answer", "Login");
    assertMatch(error.message, /^[^\n]+[^.\n]$/);
  }
});

Deno.test("an aborted login ends with the code aborted, before, between and in polls", async () => {
  const before = fakeEnvironment({ answer: host(deviceAnswer(), pending) });
  const aborted = AbortSignal.abort();
  await assertFails(() => logIn(before, { signal: aborted }), "aborted");
  assertEquals(before.sent, []);

  const between = new AbortController();
  const sleeping = fakeEnvironment({ answer: host(deviceAnswer(), pending) });
  sleeping.onSleep = () => between.abort();
  await assertFails(() => logIn(sleeping, { signal: between.signal }), "aborted");
  assertEquals(polled(sleeping), [0]);

  const during = new AbortController();
  const hanging = () => {
    queueMicrotask(() => during.abort());
    return new Promise<Response>(() => {});
  };
  const waiting = fakeEnvironment({ answer: host(deviceAnswer(), hanging) });
  await assertFails(() => logIn(waiting, { signal: during.signal }), "aborted");
});

Deno.test("an OAuth host of http is refused before anything is sent", async () => {
  const hosts = ["http://auth.kimi.com", "http://127.0.0.1.example", "http://localhost.example"];
  for (const host of [...hosts, "ftp://127.0.0.1", "auth.kimi.com", ""]) {
    const environment = fakeEnvironment({ answer: () => deviceAnswer() });
    await assertFails(() => logIn(environment, { host }), "untrusted_host", "KIMI_CODE_OAUTH_HOST");
    assertEquals(environment.sent, []);
  }
});

Deno.test("an OAuth host of http on this machine is allowed", async () => {
  for (const name of ["http://127.0.0.1:8080", "http://localhost:8080/", "http://[::1]:8080"]) {
    const environment = fakeEnvironment({ answer: host(deviceAnswer(), confirmed) });
    await logIn(environment, { host: name });
    const paths = environment.sent.map(({ url }) => new URL(url).pathname);
    assertEquals(paths, ["/api/oauth/device_authorization", "/api/oauth/token"]);
  }
});

Deno.test("the scope is sent only with the device authorization, and not if it is false", async () => {
  for (const scope of ["kimi-code", "other", false] as const) {
    const environment = fakeEnvironment({ answer: host(deviceAnswer(), confirmed) });
    await logIn(environment, { scope });
    const scopes = environment.sent.map(({ body }) => new URLSearchParams(body).get("scope"));
    assertEquals(scopes, [scope || null, null]);
  }
});

Deno.test("contract 7: the headers of device authorization and poll", async () => {
  const kimi = ["accept", "content-type", ...Object.keys(KIMI_CLI_HEADERS)];
  const names = {
    "kimi-cli": kimi,
    "kimi-code": kimi,
    opencode: ["accept", "content-type", "user-agent"],
  };
  for (const client of ["kimi-cli", "kimi-code", "opencode"] as const) {
    const environment = fakeEnvironment({ answer: host(deviceAnswer(), confirmed) });
    await logIn(environment, { client });
    for (const { headers, method } of environment.sent) {
      assertEquals([method, Object.keys(headers).sort()], ["POST", names[client]]);
      assertEquals(headers.accept, "application/json");
      assertEquals(headers["content-type"], "application/x-www-form-urlencoded");
    }
  }
});

Deno.test("each failure of a device authorization says why", async () => {
  const offline = () => Promise.reject(new TypeError("ENOTFOUND"));
  const rows = [
    [offline, "unreachable", "auth.kimi.com is not known to the name server"],
    [() => html(503), "server_error", "HTTP 503"],
    [() => html(200), "invalid_answer", "a web page came in its place"],
    [() => html(403), "invalid_answer", "a web page came in its place"],
    [() => oauthError("invalid_scope"), "oauth_error", "invalid_scope"],
    [() => deviceAnswer({ device_code: undefined }), "invalid_answer", "device_code"],
    [() => deviceAnswer({ user_code: "" }), "invalid_answer", "user_code"],
    [() => deviceAnswer({ verification_uri: "http://www.kimi.com/x" }), "invalid_answer", "https"],
    [() => deviceAnswer({ verification_uri: "javascript:alert(1)" }), "invalid_answer", "https"],
  ] as const;
  for (const [answer, code, message] of rows) {
    await assertFails(() => logIn(fakeEnvironment({ answer })), code, message);
  }
});

Deno.test("each request of a login carries a signal", async () => {
  const environment = fakeEnvironment({ answer: host(deviceAnswer(), pending, confirmed) });
  await logIn(environment);
  assertEquals(environment.sent.map(({ init }) => init.signal instanceof AbortSignal), [
    true,
    true,
    true,
  ]);
});
