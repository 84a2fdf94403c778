/** A question for the usage that Kimi did not answer. */

import { assertEquals } from "@std/assert";
import { type QuotaRequest, requestUsage } from "../../../lib/client/account/fetch_usage.ts";
import { type Answer, fakeEnvironment } from "../../support/environment.ts";
import { assertFails, html, login } from "../fixtures.ts";

const API = "https://api.kimi.com/coding/v1";

function ask(answer: Answer, changes: Partial<QuotaRequest> = {}) {
  const request = { client: "kimi-cli", api: () => API, ...changes } as const;
  return { quotas: requestUsage(fakeEnvironment({ answer }), login(), request) };
}

Deno.test("a portal's page, a proxy, and an answer that is not an object are named", async () => {
  for (const status of [200, 401, 403]) {
    const { quotas } = ask(() => html(status));
    const error = await assertFails(() => quotas, "invalid_answer", "a web page came in its place");
    assertEquals(error.status, status);
  }
  await assertFails(
    () => ask(() => html(407)).quotas,
    "invalid_answer",
    "asks for a password (407)",
  );
  for (const answer of [Response.json([]), new Response("")]) {
    await assertFails(() => ask(() => answer).quotas, "invalid_answer", "is not JSON");
  }
});

Deno.test("a network fault, a timeout and a cancelled wait each have a message of their own", async () => {
  const faults: readonly (readonly [string, string])[] = [
    ["ENETUNREACH", "api.kimi.com cannot be reached: this machine is offline: connect it"],
    ["ENOTFOUND", "api.kimi.com is not known to the name server: check the host's name"],
    ["CERT_HAS_EXPIRED", "api.kimi.com could not prove its identity (TLS): check the clock"],
  ];
  for (const [code, says] of faults) {
    const failed = new TypeError("fetch failed", { cause: new Error(code) });
    await assertFails(() => ask(() => Promise.reject(failed)).quotas, "unreachable", says);
  }
  const silent = () => new Promise<Response>(() => {});
  const late = ask(silent, { timeout: 1 });
  await assertFails(() => late.quotas, "network", "did not answer in time");
  const stop = new AbortController();
  const { quotas } = ask(silent, { signal: stop.signal });
  stop.abort();
  await assertFails(() => quotas, "aborted");
});
