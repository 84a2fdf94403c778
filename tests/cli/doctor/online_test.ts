/** What doctor asks of the service, and how it tells apart why nothing came. */

import { assertEquals, assertMatch } from "@std/assert";
import { startFakeKimi } from "../../support/fake/kimi.ts";
import { doctorReport } from "../../../lib/cli/doctor/report/build.ts";
import { askService } from "../../../lib/cli/doctor/online.ts";
import { AUTH, auth, CONFIG, ENTRY, examined, type Given, NOW, token } from "./fixtures.ts";
import { asked, DATE, type Fetch, fine, found } from "./online_fixtures.ts";

Deno.test("where all is well, doctor finds nothing online", async () => {
  assertEquals(await found(fine), []);
});

Deno.test("doctor asks the strict fake as itself allows: once each, and refreshes nothing", async () => {
  await using kimi = await startFakeKimi();
  const { access_token: access, refresh_token: refresh } = kimi.issueTokens();
  const expires = Date.now() + 900_000;
  const given: Given = {
    files: { [AUTH]: auth({ ...ENTRY, access, refresh, expires }) },
    variables: { KIMI_CODE_OAUTH_HOST: kimi.url, KIMI_CODE_BASE_URL: kimi.apiBase },
    reach: { now: Date.now },
  };
  const examination = await examined(given);
  const online = await askService(
    { fetch, now: Date.now, lookup: () => Promise.resolve() },
    examination,
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

/** What stands in the way, what it looks like, and the words for it. */
const FAULTS: readonly (readonly [name: string, answer: Fetch, ids: readonly string[]])[] = [
  ["a machine that is offline", thrown("getaddrinfo EAI_AGAIN auth.kimi.com"), [
    "oauth-offline",
    "api-offline",
  ]],
  ["a name that is not known", thrown("getaddrinfo ENOTFOUND auth.kimi.com"), [
    "oauth-dns",
    "api-dns",
  ]],
  ["a closed port", thrown("connect ECONNREFUSED"), ["oauth-refused", "api-refused"]],
  ["a certificate of a stranger", thrown("invalid peer certificate: UnknownIssuer"), [
    "oauth-tls",
    "api-tls",
  ]],
  ["a proxy's 407 to CONNECT", thrown("proxy authentication required"), [
    "oauth-proxy",
    "api-proxy",
  ]],
  ["a proxy's 407", () => new Response("", { status: 407 }), ["oauth-proxy", "api-proxy"]],
  ["a captive portal", () => new Response("<html>", { headers: { "content-type": "text/html" } }), [
    "oauth-portal",
    "api-portal",
  ]],
  ["a redirect to a portal", () => new Response("", { status: 302 }), [
    "oauth-portal",
    "api-portal",
  ]],
  ["silence", thrown("signal timed out", "TimeoutError"), ["oauth-timeout", "api-timeout"]],
  ["a connection that is cut", thrown("read ECONNRESET"), ["oauth-lost", "api-lost"]],
];

function thrown(message: string, name = "Error"): Fetch {
  return () => {
    throw new TypeError("fetch failed", { cause: Object.assign(new Error(message), { name }) });
  };
}

for (const [name, answer, ids] of FAULTS) {
  Deno.test(`doctor tells apart ${name}`, async () => {
    const findings = await found(answer);
    assertEquals(findings.map(({ id }) => id), ids);
    for (const { what, cure } of findings) {
      assertMatch(what, /^(?:auth|api)\.kimi\.com /);
      assertMatch(cure, /^[^\n]+$/);
    }
  });
}

Deno.test("Bun's refusal of an unknown name is told by asking for the name", async () => {
  const answer = thrown("Unable to connect. ConnectionRefused");
  const lookup = () => Promise.reject(new Error("ENOTFOUND"));
  const findings = await found(answer, {}, { lookup });
  assertEquals(findings.map(({ id }) => id), ["oauth-dns", "api-dns"]);
});

Deno.test("a network that Deno denies is not looked at, and its flag is named", async () => {
  const answer: Fetch = () => {
    const message =
      'Requires net access to "auth.kimi.com:443", run again with the --allow-net flag';
    throw Object.assign(new Error(message), { name: "NotCapable" });
  };
  assertEquals((await found(answer)).map(({ id }) => id), ["not-looked-at"]);
});

Deno.test("a clock that differs from the service's by more than a minute is a problem", async () => {
  const at = (ahead: number) => found(fine, {}, { now: () => NOW + ahead });
  assertEquals((await at(59_000)).map(({ id }) => id), []);
  const [ahead, behind] = [await at(180_000), await at(-180_000)];
  assertMatch(ahead[0]?.what ?? "", /clock is 3 min ahead of/);
  assertMatch(behind[0]?.what ?? "", /clock is 3 min behind/);
  assertEquals(ahead[0]?.id, "clock");
});

/** Answers of the API that are no list. */
const REFUSALS: readonly (readonly [status: number, body: object, id: string, what: RegExp])[] = [
  [401, { error: { message: "Invalid Authentication" } }, "token-refused", /does not accept/],
  [402, { error: { message: "unable to verify" } }, "models-refused", /membership/],
  [403, { error: { message: "only available for Coding Agents" } }, "models-refused", /identity/],
  [404, {}, "models-refused", /gives no models/],
  [200, { data: "none" }, "models-refused", /no models/],
];

for (const [status, body, id, what] of REFUSALS) {
  Deno.test(`an API that answers ${status} to a valid token is a problem of its own`, async () => {
    const answer: Fetch = (input) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      return pathname.endsWith("/models")
        ? Response.json(body, { status, headers: DATE })
        : fine(input);
    };
    const findings = await found(answer);
    assertEquals(findings.map((finding) => finding.id), [id]);
    assertMatch(findings[0]?.what ?? "", what);
    assertEquals(findings[0]?.cure === "", false);
  });
}

Deno.test("what the service says of an account stands with the problem, and without the account's ids", async () => {
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
  assertEquals(finding?.what, `the API gives no models: ${said}`);
  assertEquals(finding?.cure, "try again later");
  const options = { full: false, request: false, runtime: "" };
  const { online } = doctorReport(await examined(), await asked(answer), options);
  assertEquals(online?.api, { state: "refused", status: 429, why: said });
});

Deno.test("an OAuth host that refuses the identity says how to send another one", async () => {
  const answer: Fetch = (input) =>
    input instanceof Request && input.method === "POST"
      ? Response.json({ error: "access_denied" }, { status: 403, headers: DATE })
      : fine(input);
  const findings = await found(answer);
  assertEquals(findings.map(({ id }) => id), ["login-code-refused"]);
  assertMatch(findings[0]?.cure ?? "", /"client": "opencode"/);
});

Deno.test("an expired token is not shown, and the API's 401 is then no problem", async () => {
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

Deno.test("a token is not shown to a host that it must not go to", async () => {
  const given = { variables: { KIMI_CODE_BASE_URL: "https://proxy.example/v1" } };
  const seen: string[] = [];
  await asked((input) => {
    if (input instanceof Request) seen.push(`${input.headers.get("authorization")}`);
    return fine(input);
  }, given);
  assertEquals(seen, ["null", "null"]);
});

Deno.test("a model that the account does not have is a problem wherever it is configured", async () => {
  const provider = {
    "kimi-for-coding-oauth": { models: { k3: {}, mine: { id: "kimi-for-coding" } } },
  };
  const config = { plugin: ["opencode-kimi-full"], provider, model: "kimi-for-coding-oauth/k9" };
  const findings = await found(fine, { files: { [CONFIG]: JSON.stringify(config) } });
  assertEquals(findings.map(({ id }) => id), ["model-missing", "model-missing"]);
  assertMatch(findings[0]?.what ?? "", /"k3", which the account does not have/);
  assertMatch(findings[1]?.what ?? "", /names the model "k9"/);
  assertEquals(findings[1]?.cure, "choose one of kimi-for-coding");
});

Deno.test("what the account has beyond what is offered is a note, unless it is offered already", async () => {
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
  assertMatch(findings[0]?.what ?? "", /k3, 1048576 tokens of context for kimi-for-coding/);
  assertEquals(findings[0]?.what.includes("claude"), false);
  const discover = '{"plugin":[["opencode-kimi-full",{"discover":true}]]}';
  assertEquals(await found(answer, { files: { [CONFIG]: discover } }), []);
  const models = { "kimi-for-coding": { limit: { context: 1048576 } }, k3: {} };
  const provider = { "kimi-for-coding-oauth": { models } };
  const own = JSON.stringify({ plugin: ["opencode-kimi-full"], provider });
  assertEquals(await found(answer, { files: { [CONFIG]: own } }), []);
});

Deno.test("Ctrl-C ends the questions", async () => {
  const stop = new AbortController();
  const examination = await examined();
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
    examination,
    stop.signal,
  );
  assertEquals(await pending.then(() => "ended", ({ message }) => message), "stopped");
});
