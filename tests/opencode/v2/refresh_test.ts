import { assert, assertEquals, assertMatch } from "@std/assert";
import { ID, settled, type Stage, stage } from "./stage.ts";

/** The row that opencode uses. */
function active(at: Stage): Readonly<Record<string, unknown>> {
  return at.host.table.active(ID)!.value;
}

Deno.test("contract 9: a due row is refreshed once, in row and file alike", async () => {
  await using at = await stage();
  await at.logIn();
  const before = active(at);
  at.pass(650);
  assertEquals((await at.ask()).is, "done");
  const row = active(at);
  assert(row.refresh !== before.refresh);
  assertEquals([at.entry()?.refresh, at.entry()?.access], [row.refresh, row.access]);
  assertEquals([at.fake.refreshes, at.fake.revokedChains], [1, 0]);
});

Deno.test("contract 9: a login that 1.x has refreshed meanwhile is taken, and the row's spent token never sent", async () => {
  await using at = await stage();
  await at.logIn();
  // What the login sets off would refresh too, without the lock that this 1.x leaves out.
  await settled(at);
  const { refresh } = active(at);
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    client_id: "17e5f671-d194-4dfb-9706-5516cb48c098",
    refresh_token: String(refresh),
  });
  const identity = Object.fromEntries(at.fake.requestsOf("device")[0]!.headers);
  at.pass(650);
  const answer = await fetch(`${at.fake.url}/api/oauth/token`, {
    method: "POST",
    body: form,
    headers: identity,
  });
  const tokens = await answer.json();
  at.write({
    [ID]: {
      ...at.entry(),
      access: tokens.access_token,
      refresh: tokens.refresh_token,
      expires: at.environment.time + 900_000,
    },
  });
  at.environment.time += 1;
  assertEquals((await at.ask()).is, "done");
  assertEquals([active(at).refresh, at.fake.refreshes], [tokens.refresh_token, 1]);
  assertEquals(at.fake.revokedChains, 0);
});

Deno.test("contract 9: without a network, a token that is still good is used, and the row kept", async () => {
  await using at = await stage();
  await at.logIn();
  const before = active(at);
  at.pass(660);
  at.fake.settings.faults.push({ kind: "refresh", times: "always", answer: "html" });
  assertEquals((await at.ask()).is, "done");
  assertEquals(active(at), before);
  at.fake.settings.faults.splice(0);
  at.pass(60);
  assertEquals((await at.ask()).is, "done");
  assertEquals([at.fake.refreshes, at.fake.revokedChains], [1, 0]);
});

Deno.test("without a network and a token, opencode tries again, and then says why", async () => {
  await using at = await stage();
  await at.logIn();
  at.pass(1_000);
  at.fake.settings.faults.push({ kind: "refresh", times: "always", answer: { status: 503 } });
  const outcome = await at.ask();
  assert(outcome.is === "failed");
  assertMatch(outcome.error.message, /^Token refresh failed: HTTP 503/);
  assertEquals(at.fake.requestsOf("chat").length, 5);
  assertEquals(at.host.table.list(ID).length, 1);
});

Deno.test("an imported row without metadata is refreshed, and put into an empty auth.json", async () => {
  await using at = await stage();
  at.addRow({ expires: at.environment.time + 60_000 });
  assertEquals((await at.ask()).is, "done");
  assertEquals(at.entry()?.refresh, active(at).refresh);
  assertEquals(Object.keys(active(at).metadata as object), ["kimiForCoding"]);
  assertEquals(at.fake.revokedChains, 0);
});

Deno.test("an imported row whose token 1.x has spent takes the login of auth.json", async () => {
  await using at = await stage();
  await at.logIn();
  const [row] = at.host.table.list(ID);
  const old = { ...row!.value, metadata: { accountID: "x" }, refresh: "spent", expires: 1 };
  at.host.table.update(row!.id, old);
  assertEquals((await at.ask()).is, "done");
  assertEquals(active(at).refresh, at.entry()?.refresh);
  assertEquals(at.fake.requestsOf("refresh").length, 0);
});

for (const singleFlight of [true, false]) {
  Deno.test(`contract 9: three folders and two services rotate one row once (single flight ${singleFlight})`, async () => {
    await using at = await stage({ switches: { singleFlight } });
    await at.logIn();
    const { table } = at.host;
    await using other = await stage({ beside: at, table, switches: { singleFlight } });
    for (let generation = 1; generation <= 3; generation++) {
      at.pass(650);
      other.environment.time = at.environment.time;
      const folders = [at, other].flatMap(({ host }) =>
        ["/a", "/b", "/c"].map((folder) => host.location(folder))
      );
      const question = {
        model: `${ID}/kimi-for-coding`,
        session: "ses_1",
        messages: [{ role: "user", text: "Hello" }],
      } as const;
      const outcomes = await Promise.all(
        (await Promise.all(folders)).map((location) => location.ask(question).outcome),
      );
      assertEquals(outcomes.map(({ is }) => is), Array(6).fill("done"));
      assertEquals([at.fake.refreshes, at.fake.revokedChains], [generation, 0]);
    }
    await settled(at);
  });
}

Deno.test("an expiry that is absurd does no harm", async () => {
  for (const expires of [0, 1, 9_000_000_000_000_000]) {
    await using at = await stage();
    await at.logIn();
    const [row] = at.host.table.list(ID);
    at.host.table.update(row!.id, { ...row!.value, expires });
    assertEquals((await at.ask()).is, "done", String(expires));
    assertEquals(at.fake.revokedChains, 0);
  }
});

Deno.test("a row without tokens asks to log in", async () => {
  await using at = await stage();
  at.addRow({ access: "", refresh: "", expires: 0 });
  const outcome = await at.ask();
  assert(outcome.is === "failed");
  assertMatch(
    outcome.error.message,
    /^Not logged in to Kimi: run opencode auth login kimi-for-coding-oauth --method oauth/,
  );
});

Deno.test("a turn goes on although its row is deleted", async () => {
  await using at = await stage();
  await at.logIn();
  const reached = Promise.withResolvers<void>();
  const turn = at.location.ask({
    model: `${ID}/kimi-for-coding`,
    session: "ses_1",
    messages: [{ role: "user", text: "Hello" }],
    onRead: () => reached.resolve(),
  });
  await reached.promise;
  at.host.signOut(at.host.table.list(ID)[0]!.id);
  assertEquals((await turn.outcome).is, "done");
  await settled(at);
});
