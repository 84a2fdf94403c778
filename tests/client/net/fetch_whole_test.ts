import { assertEquals, assertStrictEquals } from "@std/assert";
import { requestUsage } from "../../../lib/client/account/fetch_usage.ts";
import { fetchWhole, readWhole, type WholeOptions } from "../../../lib/client/net/fetch_whole.ts";
import { startDeviceLogin } from "../../../lib/client/tokens/device_login.ts";
import { requestRefresh } from "../../../lib/client/tokens/locked_refresh.ts";
import { type Answer, fakeEnvironment } from "../../support/environment.ts";
import { assertFails, html, login } from "../fixtures.ts";

const HOST = "https://auth.kimi.com";
const API = "https://api.kimi.com/coding/v1";

for (const status of [204, 205, 304]) {
  Deno.test(`an answer ${status}, which has no body, is read and named by its status`, async () => {
    const environment = fakeEnvironment({ answer: () => new Response(null, { status }) });
    const target = { client: "kimi-cli", host: HOST } as const;
    const rows = [
      ["invalid_answer", () => requestRefresh(environment, login(), target)],
      ["invalid_answer", () => startDeviceLogin(environment, { ...target, scope: false })],
      [
        "server_error",
        () => requestUsage(environment, login(), { client: "kimi-cli", api: () => API }),
      ],
    ] as const;
    for (const [code, run] of rows) {
      const error = await assertFails(run, code, `HTTP ${status}`);
      assertEquals(error.status, status);
    }
  });
}

Deno.test("readWhole() keeps status and headers, and drops a body that the status forbids", async () => {
  const whole = await readWhole(new Response("text", { status: 418, headers: { "x-a": "b" } }));
  assertEquals([whole.status, whole.headers.get("x-a"), await whole.text()], [418, "b", "text"]);
  // Response cannot be made with a status of 204 and a body, but a runtime may receive such a one.
  const odd = Object.create(new Response("text"), { status: { value: 204 } });
  const given = Object.assign(odd, { arrayBuffer: () => Promise.resolve(new ArrayBuffer(0)) });
  Object.defineProperties(given, {
    body: { value: new Blob(["x"]).stream() },
    headers: { value: new Headers() },
    statusText: { value: "" },
  });
  assertEquals((await readWhole(given)).status, 204);
});

Deno.test("readWhole() returns an opaque redirect of a browser as it is", async () => {
  const opaque = Response.error();
  assertEquals([opaque.status, await readWhole(opaque)], [0, opaque]);
});

function send(answer: Answer, changes: Partial<WholeOptions> = {}): Promise<Response> {
  const options = { doing: "Test", timeout: 10_000, ...changes };
  return fetchWhole(fakeEnvironment({ answer }), new Request(HOST), options);
}

Deno.test("fetchWhole() names a portal and a proxy, but not a page of Kimi's own gateway", async () => {
  for (const status of [200, 302, 401, 403, 404, 511]) {
    const error = await assertFails(() => send(() => html(status)), "invalid_answer", "a web page");
    assertEquals(error.status, status);
  }
  const redirect = () => new Response(null, { status: 307, headers: { Location: HOST } });
  await assertFails(() => send(redirect), "invalid_answer", "a web page came in its place");
  const proxy = () => Response.json({}, { status: 407 });
  await assertFails(() => send(proxy), "invalid_answer", "the proxy asks for a password (407)");
  for (const status of [413, 429, 502]) {
    assertEquals((await send(() => html(status))).status, status);
  }
});

Deno.test("fetchWhole() distinguishes a cancelled request from one that timed out", async () => {
  const silent: Answer = () => new Promise(() => {});
  const stop = new AbortController();
  stop.abort();
  await assertFails(() => send(silent, { signal: stop.signal }), "aborted", "Test: cancelled");
  await assertFails(() => send(silent, { timeout: 1 }), "network", "did not answer in time");
  const signal = AbortSignal.abort(new DOMException("late", "TimeoutError"));
  await assertFails(() => send(silent, { signal }), "network", "did not answer in time");
});

Deno.test("fetchWhole() covers the body with the time limit", async () => {
  const body = () =>
    new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(1)) }));
  const environment = {
    fetch: (_: unknown, { signal }: RequestInit = {}) => {
      const stream = body().body?.pipeThrough(new TransformStream(), signal ? { signal } : {});
      return Promise.resolve(new Response(stream));
    },
  };
  const options = { doing: "Test", timeout: 5 };
  await assertFails(
    () => fetchWhole(environment, new Request(HOST), options),
    "network",
    "in time",
  );
});

Deno.test("fetchWhole() throws a permission that Deno denied as it is", async () => {
  const denied = Object.assign(new Error("Requires net access"), { name: "NotCapable" });
  assertStrictEquals(await send(() => Promise.reject(denied)).catch((error) => error), denied);
});
