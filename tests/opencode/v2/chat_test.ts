import { assert, assertEquals, assertMatch } from "@std/assert";
import { headerFaults } from "../../support/opencode/wire.ts";
import { SERVED, VARIATIONS } from "../../support/opencode_v2/host.ts";
import type { Json } from "../../support/opencode_v2/types.ts";
import { ID, QUESTION, settled, stage } from "./stage.ts";

const BODY =
  /^\{"messages":\[.*\],"model":"kimi-for-coding","max_completion_tokens":\d+,"prompt_cache_key":"ses_1","stream":true,"stream_options":\{"include_usage":true\},"tools":\[\],"thinking":\{"type":"enabled"\}\}$/;

/** Deno adds one by itself. */
const isOurs = (fault: string) => !fault.endsWith("accept-language");

for (const version of SERVED) {
  Deno.test(`contracts 1 and 7: on ${version}, a question goes out as kimi-cli's, and is answered`, async () => {
    await using at = await stage({ version });
    await at.logIn();
    const outcome = await at.ask();
    assert(outcome.is === "done", JSON.stringify(outcome));
    assertEquals([outcome.text, outcome.finish], ["Hello from the fake Kimi.", "stop"]);
    assertEquals(at.fake.requestsOf("chat").map(({ body }) => BODY.test(body)), [true]);
    await settled(at);
    assertEquals(at.fake.requests.flatMap(headerFaults).filter(isOurs), []);
    assertEquals(at.environment.logs.filter((line) => !line.startsWith("debug")), []);
    assertEquals(at.location.models(), [`${ID}/kimi-for-coding`]);
  });
}

for (const switches of VARIATIONS) {
  Deno.test(`contract 1: a question goes out as kimi-cli's with ${JSON.stringify(switches)}`, async () => {
    await using at = await stage({ switches });
    await at.logIn();
    assertEquals((await at.ask()).is, "done");
    const bodies = at.fake.requestsOf("chat").map(({ body }) => body);
    assertEquals(bodies.filter((body) => !BODY.test(body)), []);
    assertEquals(bodies.length, switches.warms ? 2 : 1);
  });
}

Deno.test("contract 10: after a 401 in the middle of a session, one refresh and one more request", async () => {
  await using at = await stage();
  await at.logIn();
  at.fake.expireAccessTokens();
  const outcome = await at.ask();
  assert(outcome.is === "done");
  assertEquals(at.fake.requestsOf("chat").map(({ status }) => status), [401, 200]);
  assertEquals([at.fake.refreshes, at.fake.revokedChains], [1, 0]);
  const [first, second] = at.fake.requestsOf("chat");
  assertEquals(first?.body, second?.body);
});

Deno.test("contract 10: a second 401 ends the turn with one sentence, and is not tried again", async () => {
  await using at = await stage();
  await at.logIn();
  const answer = { status: 401, body: { error: { message: "no", type: "auth" } } };
  at.fake.settings.faults.push({ kind: "chat", times: "always", answer });
  const outcome = await at.ask();
  assert(outcome.is === "failed");
  assertMatch(
    outcome.error.message,
    /^Kimi refuses this account: no\. If it stays so, run opencode auth login kimi-for-coding-oauth, and choose kimi\.com/,
  );
  assertEquals(at.fake.requestsOf("chat").length, 2);
});

Deno.test("a rejected refresh token is one sentence at each turn, and sent once", async () => {
  await using at = await stage();
  await at.logIn();
  at.fake.settings.faults.push({
    kind: "refresh",
    times: "always",
    answer: { status: 400, body: { error: "invalid_grant" } },
  });
  at.pass(900);
  for (let turn = 0; turn < 3; turn++) {
    const outcome = await at.ask();
    assert(outcome.is === "failed");
    assertEquals(
      outcome.error.message,
      "Kimi no longer accepts the login: run opencode auth login kimi-for-coding-oauth --method oauth",
    );
  }
  assertEquals(at.fake.requestsOf("refresh").length, 1);
  const [marked] = at.host.notes.statuses;
  assertMatch(JSON.stringify(marked), /"needs_auth".*no longer accepts/);
  // The user logs in again, in 1.x.
  at.fake.settings.faults.splice(0);
  const { access_token: access, refresh_token: refresh } = at.fake.issueTokens();
  const expires = at.environment.time + 900_000;
  at.write({ [ID]: { ...at.entry(), access, refresh, expires } });
  assertEquals((await at.ask()).is, "done");
  assertEquals(at.host.notes.statuses.at(-1)?.status, undefined);
  assertEquals(at.host.table.list(ID)[0]?.value.refresh, refresh);
});

Deno.test("contract 13: a refused plan limit is not tried again", async () => {
  await using at = await stage();
  await at.logIn();
  const error = {
    type: "exceeded_current_quota_error",
    message: "You've reached your usage limit",
  };
  at.fake.settings.faults.push({ kind: "chat", answer: { status: 403, body: { error } } });
  const outcome = await at.ask();
  assert(outcome.is === "failed");
  assertMatch(outcome.error.message, /^The plan's quota is used up/);
  assertEquals(at.fake.requestsOf("chat").length, 1);
});

Deno.test("a 429 is tried again after the time that Kimi names", async () => {
  await using at = await stage();
  await at.logIn();
  const headers = { "retry-after": "7" };
  const body = { error: { type: "rate_limit_reached_error", message: "slow down" } };
  at.fake.settings.faults.push({ kind: "chat", answer: { status: 429, headers, body } });
  assertEquals((await at.ask()).is, "done");
  assert(at.environment.sleeps.includes(7_000));
});

Deno.test("contract 14: an answer that breaks off is an incomplete one to opencode", async () => {
  await using at = await stage();
  await at.logIn();
  at.fake.settings.faults.push({ kind: "chat", stream: { dropAfter: 4 } });
  const outcome = await at.ask();
  assert(outcome.is === "failed", JSON.stringify(outcome));
  assertEquals(at.fake.requestsOf("chat").length, 1);
});

Deno.test("an interrupt closes the connection to Kimi", async () => {
  await using at = await stage();
  await at.logIn();
  at.fake.settings.faults.push({ kind: "chat", stream: { delay: 20 } });
  const reached = Promise.withResolvers<void>();
  const turn = at.location.ask({
    model: `${ID}/kimi-for-coding`,
    session: "ses_1",
    messages: [{ role: "user", text: "[[long:2000]]" }],
    onRead: (count) => count === 3 ? reached.resolve() : undefined,
  });
  await reached.promise;
  await turn.interrupt();
  await turn.settled;
  await settled(at);
  assertEquals(at.fake.requestsOf("chat").map(({ aborted }) => aborted), [true]);
});

Deno.test("an interrupt while a token is refreshed sends no question, and the next one is answered", async () => {
  await using at = await stage();
  await at.logIn();
  await settled(at);
  at.pass(1_000);
  at.fake.settings.faults.push({ kind: "refresh", delay: 50 });
  const turn = at.location.ask(QUESTION);
  await at.fake.arrival("refresh");
  await turn.interrupt();
  assertEquals(await turn.outcome, { is: "interrupted" });
  await turn.settled.catch(() => {});
  assertEquals(at.fake.requestsOf("chat").length, 0);
  assertEquals((await at.ask()).is, "done");
  assertEquals([at.fake.refreshes, at.fake.revokedChains], [1, 0]);
});

/** A host that is not Kimi's, and a provider of the user's there. */
function foreignHost(settings: Json, headers: Json = {}) {
  const seen: Record<string, string>[] = [];
  const server = Deno.serve({ port: 0, onListen() {} }, (request) => {
    seen.push(Object.fromEntries(request.headers));
    return Response.json({ error: { message: "not here" } }, { status: 400 });
  });
  const baseURL = `http://0.0.0.0:${server.addr.port}/v1`;
  const config = { providers: { [ID]: { settings: { baseURL, ...settings }, headers } } };
  return { seen, config, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("contract 8: a foreign baseURL of the user's gets neither login nor identity, and the log says so", async () => {
  await using other = foreignHost({ apiKey: "sk-own" });
  await using at = await stage({ config: other.config });
  await at.logIn();
  for (let turn = 0; turn < 2; turn++) assertEquals((await at.ask()).is, "failed");
  assertEquals(other.seen.length, 2);
  for (const headers of other.seen) {
    assertEquals(headers.authorization, undefined);
    assertEquals(Object.keys(headers).filter((name) => name.startsWith("x-msh")), []);
    assertMatch(headers["user-agent"] ?? "", /^opencode\//);
  }
  assertMatch(at.environment.logs.join(), /warn: Kimi's login is not sent to http:\/\/0\.0\.0\.0/);
});

Deno.test("contract 8: a foreign baseURL gets the user's own key if no account is in use", async () => {
  const own = [
    ["Bearer sk-own", { apiKey: "sk-own" }, {}],
    ["Basic dTpw", {}, { Authorization: "Basic dTpw" }],
  ] as const;
  for (const [authorization, settings, headers] of own) {
    await using other = foreignHost(settings, headers);
    await using at = await stage({ config: other.config });
    // The login of 1.x stays in auth.json, and opencode 2.x does not send it.
    const { id, value } = at.addRow();
    at.write({ [ID]: value });
    at.host.table.remove(id);
    assertEquals((await at.ask()).is, "failed");
    assertEquals(other.seen.map((headers) => headers.authorization), [authorization]);
    assertEquals(at.environment.logs.filter((line) => line.startsWith("warn")), []);
  }
});

Deno.test("contract 5: a title is asked for without thinking, an effort with its pair", async () => {
  await using at = await stage();
  await at.logIn();
  await at.ask({ kind: "title" });
  await at.ask({ model: `${ID}/kimi-for-coding#high` });
  await at.ask({ model: `${ID}/kimi-for-coding#off` });
  const fields = at.fake.requestsOf("chat").map(({ body }) => {
    const { thinking, reasoning_effort } = JSON.parse(body);
    return { thinking, reasoning_effort };
  });
  assertEquals(fields, [
    { thinking: { type: "disabled" }, reasoning_effort: undefined },
    { thinking: { type: "enabled" }, reasoning_effort: "high" },
    { thinking: { type: "disabled" }, reasoning_effort: undefined },
  ]);
});

Deno.test("contract 6: a forked session keeps the cache key of its root", async () => {
  await using at = await stage();
  await at.logIn();
  await at.ask({ session: "ses_2", root: "ses_1" });
  assertMatch(at.fake.requestsOf("chat")[0]?.body ?? "", /"prompt_cache_key":"ses_1"/);
});

Deno.test("a conversation that is too large ends the turn with words, and is not sent", async () => {
  await using at = await stage();
  await at.logIn();
  const outcome = await at.ask({ messages: [{ role: "user", text: "a".repeat(2_200_000) }] });
  assert(outcome.is === "failed");
  assertMatch(outcome.error.message, /too large|too long|larger/);
  assertEquals(at.fake.requestsOf("chat").length, 0);
});
