/** Answers to a refresh: which of them end a login, and which secrets they may show. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import {
  readDeviceAuthorization,
  readDeviceToken,
  readRefreshedToken,
} from "../../../lib/kimi/oauth/grants.ts";
import { assertFails, html, oauthError, SECRET } from "../../client/fixtures.ts";
import { jsonWith, utf16 } from "../../support/vectors.ts";

const PROSE = "The provided authorization grant is invalid, expired, revoked";

function json(status: number, body: unknown): Response {
  return Response.json(body, { status });
}

Deno.test("contract 9: only an OAuth error in JSON rejects the refresh token", async () => {
  const rejections = [
    ...[400, 401, 403, 200].map((status) => oauthError("invalid_grant", status)),
    ...[401, 403].map((status) => oauthError("unauthorized_client", status)),
    ...[401, 403].map((status) => json(status, { error: { code: "x", message: "revoked" } })),
    ...[400, 401, 403].map((status) => json(status, { message: PROSE })),
    json(400, { error: "invalid_request", error_description: PROSE }),
    json(400, { error: PROSE }),
  ];
  for (const answer of rejections) {
    const { status } = await assertFails(
      () => readRefreshedToken(answer),
      "invalid_grant",
      "rejected",
    );
    assertEquals(status, answer.status);
  }
});

Deno.test("contract 9: after any other failure the refresh token is still valid", async () => {
  const failures = [
    ...[200, 302, 401, 403, 404].map((status) => [html(status), "invalid_answer"] as const),
    ...[500, 502, 503, 504, 429].map((status) => [html(status), "server_error"] as const),
    ...[500, 503, 429].map((status) =>
      [oauthError("invalid_grant", status), "server_error"] as const
    ),
    [new Response(`<p>invalid_grant: ${PROSE}</p>`, { status: 403 }), "invalid_answer"],
    [new Response("invalid_grant", { status: 401 }), "invalid_answer"],
    [json(401, {}), "invalid_answer"],
    [json(403, { message: "Forbidden by the proxy" }), "invalid_answer"],
    [json(401, ["invalid_grant"]), "invalid_answer"],
    [oauthError("invalid_client", 400), "oauth_error"],
    [json(403, { error: { message: "only available for Coding Agents" } }), "oauth_error"],
    [oauthError("temporarily_unavailable", 400), "oauth_error"],
    [json(200, { access_token: "a" }), "invalid_answer"],
  ] as const;
  for (const [answer, code] of failures) {
    const { message } = await assertFails(() => readRefreshedToken(answer), code);
    assert(!message.includes("rejected"), message);
  }
});

Deno.test("contract 8: inspecting a parsed answer shows neither tokens nor the device code", async () => {
  const tokens = { access_token: `${SECRET}a`, refresh_token: `${SECRET}r`, expires_in: 900 };
  const uri = "https://www.kimi.com/";
  const codes = { device_code: `${SECRET}d`, user_code: "A", verification_uri: uri };
  const results: readonly object[] = [
    await readRefreshedToken(Response.json(tokens)),
    await readDeviceToken(Response.json(tokens)),
    await readDeviceAuthorization(Response.json(codes)),
  ];
  for (const result of results) {
    const copies = [
      JSON.stringify(result),
      JSON.stringify({ ...result }),
      String(Object.values(result)),
    ];
    const error = new KimiError("network", "x", { cause: result });
    for (const shown of [...copies, Deno.inspect(result, { depth: 9 }), Deno.inspect(error)]) {
      assert(!shown.includes(SECRET), shown);
    }
  }
});

Deno.test("contract 8: an error does not repeat a token or device code that the host repeats", async () => {
  const sent = `${SECRET}-0.9_x`;
  for (const read of [readDeviceToken, readRefreshedToken]) {
    for (const status of [400, 401, 403, 404, 500]) {
      const said = {
        error: `x ${sent}`,
        error_description: `the token ${sent} is bad, ${sent}`,
        message: sent,
      };
      const error = await read(json(status, said), sent).then(() => undefined, (error) => error);
      assert(error instanceof KimiError && error.message.includes("the token […] is bad"));
      assert(!Deno.inspect(error, { depth: 9 }).includes(SECRET));
    }
  }
});

Deno.test("reading arbitrary answers returns a result or throws a KimiError", async () => {
  const keys = [
    ...["error", "error_description", "message", "access_token", "refresh_token", "expires_in"],
    ...["device_code", "user_code", "verification_uri", "interval", "invalid_grant", "slow_down"],
  ];
  const object = fc.dictionary(fc.constantFrom(...keys), jsonWith(keys));
  const bytes = fc.uint8Array({ maxLength: 60 }).map((given) => new Uint8Array(given));
  const bodies = fc.oneof(object.map((given) => JSON.stringify(given)), utf16, bytes);
  const statuses = fc.constantFrom(200, 201, 302, 400, 401, 403, 404, 418, 429, 500, 503);
  await fc.assert(
    fc.asyncProperty(bodies, statuses, async (body, status) => {
      for (const read of [readDeviceAuthorization, readDeviceToken, readRefreshedToken]) {
        try {
          const result = await read(new Response(body, { status }));
          assert(status === 200 || "kind" in result);
        } catch (error) {
          assert(error instanceof KimiError, String(error));
          // deno-lint-ignore no-control-regex
          assert(!/[\x00-\x1f\x7f-\x9f]/.test(error.message), error.message);
          assert(error.message.length < 700, error.message);
        }
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("an error names the clients to try if the service refuses this one's identity", async () => {
  const error = { type: "access_terminated_error", message: "only available for Coding Agents" };
  for (const read of [readDeviceAuthorization, readDeviceToken, readRefreshedToken]) {
    const { message } = await assertFails(
      () => read(Response.json({ error }, { status: 403 })),
      "oauth_error",
    );
    assert(
      message.includes(
        `failed: Kimi refused this client's identity: set the option "client": "kimi-code"`,
      ),
    );
  }
});
