/** The requests of `doctor --online`, and the findings in their answers. */

import { assertEquals, assertMatch } from "@std/assert";
import { startFakeKimi } from "../../support/fake/kimi.ts";
import { askService } from "../../../lib/cli/doctor/online.ts";
import {
  AUTH,
  auth,
  CONFIG,
  diagnosed,
  ENTRY,
  type Given,
  NOW,
  reported,
  token,
} from "./fixtures.ts";
import { asked, DATE, type Fetch, fine, found } from "./online_fixtures.ts";

Deno.test("doctor finds nothing if the service is healthy", async () => {
  assertEquals(await found(fine), []);
});

Deno.test("doctor sends one valid request to each host, and refreshes nothing", async () => {
  await using kimi = await startFakeKimi();
  const { access_token: access, refresh_token: refresh } = kimi.issueTokens();
  const expires = Date.now() + 900_000;
  const given: Given = {
    files: { [AUTH]: auth({ ...ENTRY, access, refresh, expires }) },
    variables: { KIMI_CODE_OAUTH_HOST: kimi.url, KIMI_CODE_BASE_URL: kimi.apiBase },
    deps: { now: Date.now },
  };
  const diagnosis = await diagnosed(given);
  const online = await askService(
    { fetch, now: Date.now, lookup: () => Promise.resolve() },
    diagnosis,
    new AbortController().signal,
  );
  assertEquals([online.oauth.state, online.api.state], ["reached", "reached"]);
  assertEquals(online.models?.length, 1);
  assertEquals(Math.abs(online.clockAhead ?? 1e9) < 5_000, true);
  assertEquals(kimi.requests.map(({ kind, status }) => `${kind} ${status}`).sort(), [
    "device 200",
    "models 200",
  ]);
  assertEquals(kimi.refreshes, 0);
});

/** A situation, the answer in it, and the fault that doctor finds for both hosts. */
const FAULTS: readonly (readonly [name: string, answer: Fetch, fault: string])[] = [
  ["a machine that is offline", thrown("getaddrinfo EAI_AGAIN auth.kimi.com"), "offline"],
  ["an unknown name", thrown("getaddrinfo ENOTFOUND auth.kimi.com"), "dns"],
  ["a closed port", thrown("connect ECONNREFUSED"), "refused"],
  ["an untrusted certificate", thrown("invalid peer certificate: UnknownIssuer"), "tls"],
  ["a proxy's 407 to CONNECT", thrown("proxy authentication required"), "proxy"],
  ["a proxy's 407", () => new Response("", { status: 407 }), "proxy"],
  ["a captive portal", page("<html>"), "portal"],
  ["a redirect to a portal", () => new Response("", { status: 302 }), "portal"],
  ["a missing answer", thrown("signal timed out", "TimeoutError"), "timeout"],
  ["a connection that is cut", thrown("read ECONNRESET"), "lost"],
];

function page(html: string): Fetch {
  return () => new Response(html, { headers: { "content-type": "text/html" } });
}

function thrown(message: string, name = "Error"): Fetch {
  return () => {
    throw new TypeError("fetch failed", { cause: Object.assign(new Error(message), { name }) });
  };
}

for (const [name, answer, fault] of FAULTS) {
  Deno.test(`doctor recognizes ${name}`, async () => {
    const findings = await found(answer);
    assertEquals(findings.map(({ id }) => id), [`oauth-${fault}`, `api-${fault}`]);
    for (const { what, fix } of findings) {
      assertMatch(what, /^(?:auth|api)\.kimi\.com /);
      assertMatch(fix, /^[^\n]+$/);
    }
  });
}

Deno.test("doctor recognizes an unknown name that Bun reports as a refused connection", async () => {
  const answer = thrown("Unable to connect. ConnectionRefused");
  for (const [code, fault] of [["ENOTFOUND", "dns"], ["ECONNREFUSED", "offline"]] as const) {
    const lookup = () => Promise.reject(Object.assign(new Error("getaddrinfo"), { code }));
    const findings = await found(answer, {}, { lookup });
    assertEquals(findings.map(({ id }) => id), [`oauth-${fault}`, `api-${fault}`]);
  }
});

Deno.test("doctor names the flag if Deno denies the network", async () => {
  const answer: Fetch = () => {
    const message =
      'Requires net access to "auth.kimi.com:443", run again with the --allow-net flag';
    throw Object.assign(new Error(message), { name: "NotCapable" });
  };
  assertEquals((await found(answer)).map(({ id }) => id), ["not-looked-at"]);
});

Deno.test("a difference of more than a minute between the clocks is a problem", async () => {
  const at = (ahead: number) => found(fine, {}, { now: () => NOW + ahead });
  assertEquals((await at(59_000)).map(({ id }) => id), []);
  const [ahead, behind] = [await at(180_000), await at(-180_000)];
  assertMatch(ahead[0]?.what ?? "", /clock is 3 min ahead of/);
  assertMatch(behind[0]?.what ?? "", /clock is 3 min behind/);
  assertEquals(ahead[0]?.id, "clock");
});

/** Answers of the API that do not list models. */
const REFUSALS: readonly (readonly [status: number, body: object, id: string, what: RegExp])[] = [
  [401, { error: { message: "Invalid Authentication" } }, "token-refused", /does not accept/],
  [402, { error: { message: "unable to verify" } }, "models-refused", /membership/],
  [403, { error: { message: "only available for Coding Agents" } }, "models-refused", /identity/],
  [404, {}, "models-refused", /does not list models/],
  [200, { data: "none" }, "models-refused", /does not list models/],
];

for (const [status, body, id, what] of REFUSALS) {
  Deno.test(`the status ${status} for a valid token is the problem ${id}`, async () => {
    const answer: Fetch = (input) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      return pathname.endsWith("/models")
        ? Response.json(body, { status, headers: DATE })
        : fine(input);
    };
    const findings = await found(answer);
    assertEquals(findings.map((finding) => finding.id), [id]);
    assertMatch(findings[0]?.what ?? "", what);
    assertEquals(findings[0]?.fix === "", false);
  });
}

Deno.test("a problem quotes the service's message without the ids of the account", async () => {
  const message =
    "Your account org-78cd08fac9804d20bac9a1f02fc1e6a5 <ak-f94zcrj6ax1111aqsyq1> of " +
    "user-4711 request reached organization max RPM: 20";
  const answer: Fetch = (input) =>
    input instanceof Request && input.method === "POST" ? fine(input) : Response.json(
      { error: { message, type: "rate_limit_reached_error" } },
      { status: 429, headers: { ...DATE, "x-trace-id": "t1" } },
    );
  const said = "Kimi receives too many requests from this account. Kimi says: Your account [id] " +
    "<[id]> of [id] request reached organization max RPM: 20 (trace id t1)";
  const [finding] = await found(answer);
  assertEquals(finding?.what, `the API does not list models: ${said}`);
  assertEquals(finding?.fix, "try again later");
  const { online } = await reported({}, { online: await asked(answer) });
  assertEquals(online?.api, { state: "refused", status: 429, why: said });
});

Deno.test("an expired token is not sent, and the API's 401 is then not a problem", async () => {
  const access = token({ iat: NOW / 1000 - 3600, exp: NOW / 1000 - 2700 });
  const given = { files: { [AUTH]: auth({ ...ENTRY, access, expires: NOW - 2_700_000 }) } };
  const bearers: (string | null)[] = [];
  const answer: Fetch = (input) => {
    if (input instanceof Request) bearers.push(input.headers.get("authorization"));
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    return pathname.endsWith("/models")
      ? Response.json({}, { status: 401, headers: DATE })
      : fine(input);
  };
  const findings = await found(answer, given);
  assertEquals(findings.map(({ id, severity }) => [id, severity]), [["token-expired", "note"]]);
  assertEquals(bearers, [null, null]);
});

Deno.test("with --auth-file, the fix of an expired token names the file", async () => {
  const access = token({ iat: NOW / 1000 - 3600, exp: NOW / 1000 - 2700 });
  const named = "/work/kimi.json";
  const files = { [named]: auth({ ...ENTRY, access, expires: NOW - 2_700_000 }) };
  const [first] = await found(fine, { files, deps: { authFile: named } });
  assertEquals(first?.fix, `npx opencode-kimi-full usage --auth-file ${named} refreshes it`);
});

Deno.test("the token is not sent to an untrusted host", async () => {
  const given = { variables: { KIMI_CODE_BASE_URL: "https://proxy.example/v1" } };
  const seen: string[] = [];
  await asked((input) => {
    if (input instanceof Request) seen.push(`${input.headers.get("authorization")}`);
    return fine(input);
  }, given);
  assertEquals(seen, ["null", "null"]);
});

Deno.test("a configured model that the account does not have is a problem", async () => {
  const provider = {
    "kimi-for-coding-oauth": { models: { k3: {}, mine: { id: "kimi-for-coding" } } },
  };
  const config = { plugin: ["opencode-kimi-full"], provider, model: "kimi-for-coding-oauth/k9" };
  const findings = await found(fine, { files: { [CONFIG]: JSON.stringify(config) } });
  assertEquals(findings.map(({ id }) => id), ["model-missing", "model-missing"]);
  assertMatch(findings[0]?.what ?? "", /"k3", which the account does not have/);
  assertMatch(findings[1]?.what ?? "", /names the model "k9"/);
  assertEquals(findings[1]?.fix, "choose one of kimi-for-coding");
});

Deno.test("a note names the models that the option discover would add", async () => {
  const data = [{ id: "kimi-for-coding", context_length: 1048576 }, { id: "k3" }, {
    id: "claude",
    protocol: "anthropic",
  }];
  const answer: Fetch = (input) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    return pathname.endsWith("/models") ? Response.json({ data }, { headers: DATE }) : fine(input);
  };
  const findings = await found(answer);
  assertEquals(findings.map(({ id, severity }) => [id, severity]), [["discover", "note"]]);
  assertMatch(findings[0]?.what ?? "", /than opencode offers: k3\. The plugin/);
  assertEquals(findings[0]?.what.includes("claude"), false);
  const discover = '{"plugin":[["opencode-kimi-full",{"discover":true}]]}';
  assertEquals(await found(answer, { files: { [CONFIG]: discover } }), []);
  const models = { "kimi-for-coding": { limit: { context: 1048576 } }, k3: {} };
  const provider = { "kimi-for-coding-oauth": { models } };
  const own = JSON.stringify({ plugin: ["opencode-kimi-full"], provider });
  assertEquals(await found(answer, { files: { [CONFIG]: own } }), []);
});

Deno.test("Ctrl-C ends the requests", async () => {
  const stop = new AbortController();
  const diagnosis = await diagnosed();
  const pending = askService(
    {
      fetch: (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
          stop.abort(new Error("stopped"));
        }),
      now: () => NOW,
      lookup: () => Promise.resolve(),
    },
    diagnosis,
    stop.signal,
  );
  assertEquals(await pending.then(() => "ended", ({ message }) => message), "stopped");
});
