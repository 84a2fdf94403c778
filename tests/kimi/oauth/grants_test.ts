import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { identityHeaders } from "../../../lib/kimi/identity/fingerprint.ts";
import {
  deviceAuthorizationRequest,
  deviceTokenRequest,
  type OAuthTarget,
  readDeviceAuthorization,
  readDeviceToken,
  readRefreshedToken,
  refreshTokenRequest,
} from "../../../lib/kimi/oauth/grants.ts";
import { assertFails, html, SECRET } from "../../client/fixtures.ts";
import { DEVICE, KIMI_CLI_HEADERS } from "../../support/environment.ts";

const HOST = "https://auth.kimi.com";

function target(client: "kimi-cli" | "opencode" = "kimi-cli", host = HOST): OAuthTarget {
  return { host, identity: identityHeaders(client, DEVICE) };
}

const CLIENT = "client_id=17e5f671-d194-4dfb-9706-5516cb48c098";
const REFRESH =
  "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJmYWtlIiwia2luZCI6InJlZnJlc2giLCJu" +
  "IjoyfQ.F4kRweJ1MAVVYiqsrKCSvpHc_MgytYRyOmwfwQHSNoo";

const DEVICE_ANSWER = {
  device_code: `${SECRET}-d`,
  user_code: "ABCD-1234",
  verification_uri: "https://www.kimi.com/code/device",
  verification_uri_complete: "https://www.kimi.com/code/device?user_code=ABCD-1234",
  expires_in: 900,
  interval: 5,
};

const TOKENS = { access_token: `${SECRET}-a`, refresh_token: `${SECRET}-r`, expires_in: 900 };

function authorization(over: Record<string, unknown> = {}) {
  return readDeviceAuthorization(Response.json({ ...DEVICE_ANSWER, ...over }));
}

Deno.test("the request forms equal those that kimi-cli sends, byte for byte", async () => {
  const texts = [
    deviceAuthorizationRequest(target(), false),
    deviceTokenRequest(target(), "fake-device-code-1"),
    refreshTokenRequest(target(), REFRESH),
  ].map((request) => request.text());
  assertEquals(await Promise.all(texts), [
    CLIENT,
    `${CLIENT}&device_code=fake-device-code-1` +
    "&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code",
    `${CLIENT}&grant_type=refresh_token&refresh_token=${REFRESH}`,
  ]);
});

Deno.test("deviceAuthorizationRequest() sends the scope after the client id, and escapes as Python does", async () => {
  const scoped = deviceAuthorizationRequest(target(), "kimi-code a&b");
  assertEquals(await scoped.text(), `${CLIENT}&scope=kimi-code+a%26b`);
  const odd = refreshTokenRequest(target(), "a+b/c=é 名-._~*%7E%2A");
  assertEquals(
    await odd.text(),
    `${CLIENT}&grant_type=refresh_token&refresh_token=` +
      "a%2Bb%2Fc%3D%C3%A9+%E5%90%8D-._~%2A%257E%252A",
  );
});

Deno.test("contract 7: an OAuth request has only the allowed headers and follows no redirect", () => {
  const identity = Object.keys(KIMI_CLI_HEADERS);
  for (const client of ["kimi-cli", "opencode"] as const) {
    const names = client === "kimi-cli" ? identity : ["user-agent"];
    for (
      const request of [
        deviceAuthorizationRequest(target(client), "kimi-code"),
        deviceTokenRequest(target(client), "d"),
        refreshTokenRequest(target(client), "r"),
      ]
    ) {
      assertEquals([request.method, request.redirect], ["POST", "manual"]);
      assertEquals([...request.headers.keys()].sort(), ["accept", "content-type", ...names]);
      assertEquals(request.headers.get("accept"), "application/json");
      assertEquals(request.headers.get("content-type"), "application/x-www-form-urlencoded");
    }
  }
});

Deno.test("OAuth requests accept a host with and without a trailing slash", () => {
  for (const host of [HOST, `${HOST}/`, `${HOST}//`]) {
    const at = target("kimi-cli", host);
    assertEquals(
      deviceAuthorizationRequest(at, false).url,
      `${HOST}/api/oauth/device_authorization`,
    );
    assertEquals(deviceTokenRequest(at, "d").url, `${HOST}/api/oauth/token`);
    assertEquals(refreshTokenRequest(at, "r").url, `${HOST}/api/oauth/token`);
  }
});

Deno.test("readDeviceAuthorization() prefers the verification URL that includes the user code", async () => {
  const read = await authorization();
  assertEquals({ ...read }, {
    userCode: "ABCD-1234",
    verificationUri: DEVICE_ANSWER.verification_uri_complete,
    expiresIn: 900,
    interval: 5,
  });
  assertEquals(read.deviceCode, `${SECRET}-d`);
  for (const verification_uri_complete of [undefined, "", 7, "http://www.kimi.com/", "no url"]) {
    const { verificationUri } = await authorization({ verification_uri_complete });
    assertEquals(verificationUri, DEVICE_ANSWER.verification_uri);
  }
});

Deno.test("readDeviceAuthorization() replaces missing or absurd times by defaults and limits", async () => {
  for (const value of [undefined, null, 0, -5, "soon", {}, NaN]) {
    const { expiresIn, interval } = await authorization({ expires_in: value, interval: value });
    assertEquals([expiresIn, interval], [900, 5]);
  }
  assertEquals((await authorization({ interval: 0.2, expires_in: "60" })).interval, 1);
  assertEquals((await authorization({ interval: "2", expires_in: "60" })).expiresIn, 60);
  assertEquals((await authorization({ interval: 1e300, expires_in: 1e300 })).expiresIn, 86_400);
});

Deno.test("readDeviceAuthorization() names a missing field", async () => {
  for (const field of ["device_code", "user_code"]) {
    for (const value of [undefined, "", 7, null]) {
      const work = () => authorization({ [field]: value });
      await assertFails(work, "invalid_answer", "the answer lacks device_code or user_code");
    }
  }
});

Deno.test("readDeviceAuthorization() accepts only https verification URLs without a user name", async () => {
  const urls = [
    ...["http://www.kimi.com/", "javascript:alert(1)", "file:///etc/passwd", "x", "", 7, null],
    ...["https://kimi.com@evil.example/", "data:text/html,x", "//kimi.com/", "ftp://kimi.com/"],
  ];
  for (const verification_uri of urls) {
    const over = { verification_uri, verification_uri_complete: undefined };
    await assertFails(() => authorization(over), "invalid_answer", "no https verification URL");
  }
});

Deno.test("control characters of an OAuth host do not reach the terminal in code, URL or message", async () => {
  const shown = await authorization({
    user_code: "AB\x1b[31mCD\r\n\x07",
    verification_uri_complete: "https://www.kimi.com/\x1b[31m\r\n?a=\u202e",
  });
  const refused = Response.json({ error: "x\x1b[1m", error_description: "\x07y\r\nz\u202e" });
  const error = await assertFails(() => readDeviceToken(refused), "oauth_error");
  for (const text of [shown.userCode, shown.verificationUri, error.message]) {
    // deno-lint-ignore no-control-regex
    assert(!/[\x00-\x1f\x7f-\x9f\u202e]/.test(text), JSON.stringify(text));
  }
  assertEquals(shown.userCode, "AB [31mCD");
});

Deno.test("readDeviceToken() reads pending and slow_down with status 400 and with 200", async () => {
  for (const kind of ["authorization_pending", "slow_down"] as const) {
    for (const status of [400, 200, 401, 428]) {
      assertEquals(await readDeviceToken(Response.json({ error: kind }, { status })), { kind });
    }
  }
});

Deno.test("readDeviceToken() reads the tokens, and their lifetime if there is one", async () => {
  const result = await readDeviceToken(Response.json(TOKENS));
  assert(result.kind === "tokens");
  const { accessToken, refreshToken, expiresIn } = result.tokens;
  assertEquals([accessToken, refreshToken, expiresIn], [`${SECRET}-a`, `${SECRET}-r`, 900]);
  for (const expires_in of [undefined, null, 0, -1, "x"]) {
    const tokens = await readRefreshedToken(Response.json({ ...TOKENS, expires_in }));
    assertEquals(Object.keys(tokens), []);
  }
});

Deno.test("readDeviceToken() reports a refused and an expired login with different codes", async () => {
  for (const error of ["access_denied", "expired_token"] as const) {
    const answer = Response.json({ error }, { status: 400 });
    const { status } = await assertFails(() => readDeviceToken(answer), error);
    assertEquals(status, 400);
  }
});

Deno.test("an answer with only one token fails without showing that token", async () => {
  for (const read of [readDeviceToken, readRefreshedToken]) {
    for (const field of ["access_token", "refresh_token"]) {
      for (const value of [undefined, "", 7]) {
        const answer = Response.json({ ...TOKENS, [field]: value });
        const error = await assertFails(
          () => read(answer),
          "invalid_answer",
          "the answer lacks access_token or refresh_token",
        );
        assert(!Deno.inspect(error, { depth: 9 }).includes(SECRET));
      }
    }
  }
});

Deno.test("an error describes the answer if it is HTML, a redirect, empty or other JSON", async () => {
  const cases: readonly (readonly [() => Response, "invalid_answer" | "server_error", string])[] = [
    [() => html(200), "invalid_answer", "the answer is not a JSON object"],
    [() => html(403), "invalid_answer", "HTTP 403, no JSON"],
    [() => html(503), "server_error", "HTTP 503, no JSON"],
    [() => new Response(null, { status: 302 }), "invalid_answer", "HTTP 302, no body"],
    [() => new Response("[]"), "invalid_answer", "not a JSON object"],
    [() => Response.json({}, { status: 404 }), "invalid_answer", "JSON without an error code"],
    [() => Response.json({ error: "slow" }, { status: 429 }), "server_error", "HTTP 429, slow"],
  ];
  for (const read of [readDeviceAuthorization, readDeviceToken, readRefreshedToken]) {
    for (const [answer, code, message] of cases) {
      const error = await assertFails(() => read(answer()), code, message);
      assertEquals(error.status, answer().status);
    }
  }
});

Deno.test("an error has a SyntaxError as its cause only if the answer is not JSON", async () => {
  for (const read of [readDeviceAuthorization, readDeviceToken, readRefreshedToken]) {
    const page = await assertFails(() => read(html(403)), "invalid_answer");
    assert(page.cause instanceof SyntaxError);
    for (const status of [200, 404]) {
      const json = () => read(Response.json({}, { status }));
      assertEquals((await assertFails(json, "invalid_answer")).cause, undefined);
    }
  }
});

Deno.test("an error quotes a refusal of the client, which comes in the API's form", async () => {
  const error = { type: "access_terminated_error", message: "for Coding Agents" };
  for (const read of [readDeviceAuthorization, readDeviceToken]) {
    const { message } = await assertFails(
      () => read(Response.json({ error }, { status: 403 })),
      "invalid_answer",
    );
    assertStringIncludes(message, "HTTP 403, access_terminated_error: for Coding Agents");
  }
});

Deno.test("an unknown OAuth error quotes the host", async () => {
  const answer = () =>
    Response.json({ error: "invalid_client", error_description: "unknown" }, { status: 400 });
  for (const read of [readDeviceAuthorization, readDeviceToken, readRefreshedToken]) {
    const { message } = await assertFails(() => read(answer()), "oauth_error");
    assertStringIncludes(message, "HTTP 400, invalid_client: unknown");
  }
});
