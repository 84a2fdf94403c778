/** How the fake host sends a request and reads its answer. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type FakeKimi, startFakeKimi } from "../../fake/kimi.ts";
import { openHost, type Switches } from "../host.ts";
import { type Context, credential, type Event, ID, testClock, type Tiny, tiny } from "./plugins.ts";

const QUESTION = {
  model: `${ID}/kimi-for-coding`,
  session: "ses_1",
  messages: [{ role: "user", text: "Hello" }],
} as const;

/** A host beside a fake Kimi that takes any body and any client. */
async function stage(given: Partial<Tiny> = {}, switches: Partial<Switches> = {}) {
  const fake = await startFakeKimi({ identity: "any", strictBodies: false });
  const clock = testClock();
  const plugins = [{ module: tiny({ baseURL: fake.apiBase, ...given }) }];
  const host = openHost({ clock, plugins, switches });
  const { access_token } = fake.issueTokens();
  const row = host.table.add(ID, "Tiny", credential(access_token, clock.time + 900_000));
  const location = await host.location();
  return {
    ...{ fake, clock, host, row, location },
    ask: async (question: object = {}) => await location.ask({ ...QUESTION, ...question }).outcome,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await fake.close();
    },
  };
}

const bodiesOf = (fake: FakeKimi) => fake.requestsOf("chat").map(({ body }) => body);

Deno.test("a turn without hooks sends the row's token and the native body, and reads the answer", async () => {
  await using at = await stage();
  const outcome = await at.ask();
  assert(outcome.is === "done");
  assertEquals([outcome.text, outcome.finish], ["Hello from the fake Kimi.", "stop"]);
  const [sent] = at.fake.requestsOf("chat");
  assertMatch(sent?.body ?? "", /^\{"model":"kimi-for-coding","messages":\[.*"store":false\}$/);
  const names = sent?.headers.map(([name]) => name.toLowerCase()) ?? [];
  assert(names.includes("authorization") && names.includes("x-session-affinity"));
});

Deno.test("hooks run in order and change what is sent; nothing is added back", async () => {
  const more = (ctx: Context) => {
    ctx.session.hook("http.request", (event: Event) => {
      const { request } = event;
      event.request = new Request(request.url, { method: "POST", body: "{}" });
    }, { providerID: ID });
    ctx.session.hook("http.request", async (event: Event) => {
      const body = await event.request.clone().text();
      event.request = new Request(event.request.url, { method: "POST", body: `[${body}]` });
    });
    ctx.session.hook("http.request", () => Promise.reject(new Error("another provider's")), {
      providerID: "other",
    });
  };
  await using at = await stage({ more });
  assertEquals((await at.ask()).is, "failed");
  const [sent] = at.fake.requestsOf("chat");
  assertEquals([sent?.body, sent?.status], ["[{}]", 401]);
});

Deno.test("a hook that reads the body and puts no Request in its place ends the turn", async () => {
  await using at = await stage({
    more: (ctx) => ctx.session.hook("http.request", (event) => event.request.text()),
  });
  const outcome = await at.ask();
  assert(outcome.is === "failed" && outcome.error.type === "defect");
  assertEquals([at.fake.requestsOf("chat").length, at.clock.waits], [0, []]);
});

Deno.test("a 500 is tried five times with growing waits; each try runs the http hooks again", async () => {
  const kinds: string[] = [];
  const attempts: number[] = [];
  await using at = await stage({
    more(ctx) {
      ctx.session.hook("http.request", ({ kind }) => kinds.push(kind));
      ctx.session.hook("retry", ({ attempt }) => attempts.push(attempt));
    },
  });
  const answer = { status: 500, body: { error: { message: "broken" } } };
  at.fake.settings.faults.push({ kind: "chat", times: "always", answer });
  const outcome = await at.ask();
  assert(outcome.is === "failed");
  assertEquals(outcome.error, { type: "server", message: "broken", status: 500 });
  assertEquals(at.clock.waits, [2000, 4000, 8000, 16_000]);
  assertEquals([kinds.length, attempts], [5, [2, 3, 4, 5, 6]]);
});

Deno.test("x-should-retry and retry-after of an answer are obeyed", async () => {
  await using at = await stage();
  const said = (status: number, headers: Record<string, string>) =>
    at.fake.settings.faults.push({ kind: "chat", answer: { status, headers, body: {} } });
  said(500, { "x-should-retry": "false" });
  assertEquals((await at.ask()).is, "failed");
  said(401, { "x-should-retry": "true", "retry-after": "7" });
  assertEquals((await at.ask()).is, "done");
  assertEquals(at.clock.waits, [7000]);
});

Deno.test("an answer without a finish reason is tried again only before any output", async () => {
  await using at = await stage();
  at.fake.settings.faults.push({ kind: "chat", stream: { dropAfter: 1 } });
  assertEquals((await at.ask()).is, "done");
  at.fake.settings.faults.push({ kind: "chat", stream: { dropAfter: 4 } });
  const outcome = await at.ask();
  assert(outcome.is === "failed" && outcome.error.type === "incomplete");
  assertEquals(bodiesOf(at.fake).length, 3);
});

Deno.test("an interrupt cancels the body of the answer, which closes the connection", async () => {
  await using at = await stage();
  at.fake.settings.faults.push({ kind: "chat", stream: { delay: 20 } });
  const reached = Promise.withResolvers<void>();
  const turn = at.location.ask({
    ...QUESTION,
    messages: [{ role: "user", text: "[[long:2000]]" }],
    onRead: (count) => count === 3 ? reached.resolve() : undefined,
  });
  await reached.promise;
  await turn.interrupt();
  assertEquals(await turn.outcome, { is: "interrupted" });
  await turn.settled;
});

Deno.test("a due row is refreshed before the request, and kept as it is if that fails", async () => {
  let calls = 0;
  const refresh = (value: Record<string, unknown>) =>
    ++calls === 1
      ? Promise.reject(new Error("sign in again"))
      : Promise.resolve({ ...value, expires: 9e15 });
  await using at = await stage({ refresh });
  at.clock.time += 600_000;
  const failed = await at.ask();
  assertEquals(failed, { is: "failed", error: { type: "defect", message: "sign in again" } });
  assertEquals(at.host.table.get(at.row.id)?.value, at.row.value);
  assertEquals((await at.ask()).is, "done");
  assertEquals(at.host.table.get(at.row.id)?.value.expires, 9e15);
});

Deno.test("single flight is a switch: without it each location refreshes by itself", async () => {
  for (const singleFlight of [false, true]) {
    const calls: unknown[] = [];
    const refresh = async (value: Record<string, unknown>) => {
      calls.push(value);
      await new Promise((resolve) => setTimeout(resolve));
      return { ...value, expires: 9e15 };
    };
    await using at = await stage({ refresh }, { singleFlight });
    at.clock.time += 600_000;
    const other = await at.host.location("/other");
    await Promise.all([at.ask(), other.ask(QUESTION).outcome]);
    assertEquals(calls.length, singleFlight ? 1 : 2);
  }
});

Deno.test("a credential's metadata becomes settings of the provider", async () => {
  await using at = await stage();
  const metadata = { baseURL: "http://127.0.0.1:9/elsewhere" };
  at.host.table.update(at.row.id, { ...at.row.value, metadata });
  const outcome = await at.ask();
  assert(outcome.is === "failed" && outcome.error.type === "transport");
});

Deno.test("connection.resolve within refresh is refused", async () => {
  let inner: unknown;
  await using at = await stage({
    more(ctx) {
      const { active, resolve } = ctx.integration.connection;
      inner = async () => await resolve(await active(ID));
    },
    refresh: () => (inner as () => Promise<unknown>)(),
  });
  at.clock.time += 600_000;
  const outcome = await at.ask();
  assert(outcome.is === "failed");
  assertMatch(outcome.error.message, /within refresh/);
});

Deno.test("a variant's settings reach the body, and an unknown variant is an error", async () => {
  await using at = await stage();
  await at.ask({ model: `${QUESTION.model}#high` });
  assertMatch(bodiesOf(at.fake)[0] ?? "", /"reasoning_effort":"high"\}$/);
  assertEquals((await at.ask({ model: `${QUESTION.model}#huge` })).is, "failed");
});

Deno.test("the user's providers block wins and makes the provider enabled", async () => {
  const clock = testClock();
  const plugins = [{ module: tiny({ baseURL: "http://127.0.0.1:9/v1" }) }];
  const providers = { [ID]: { name: "Mine", settings: { baseURL: "http://other.test/v1" } } };
  await using host = openHost({ clock, plugins, config: { providers } });
  assertEquals(await host.models(), [`${ID}/kimi-for-coding`]);
  const { info } = (await host.location()).provider(ID) ?? {};
  assertEquals([info?.name, info?.settings], ["Mine", providers[ID].settings]);
});
