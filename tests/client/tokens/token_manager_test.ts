import { assertEquals } from "@std/assert";
import type { Credential } from "../../../lib/client/tokens/credential.ts";
import type { LoginStore } from "../../../lib/client/tokens/login_store.ts";
import { KIMI_CLI_HEADERS, NOW } from "../../support/environment.ts";
import {
  assertFails,
  gate,
  jwtLogin,
  login,
  memoryStore,
  NOT_LOGGED_IN,
  rotating,
  setup,
  sourceOf,
  tokenAnswer,
} from "../fixtures.ts";

// Lifetime and seconds left at which the token is still used as it is; a millisecond later it is not.
const THRESHOLDS = [[900, 450], [3600, 1800], [86_400, 43_200], [602, 301], [600, 300], [400, 300]];

for (const [lifetime = 0, left = 0] of THRESHOLDS) {
  Deno.test(`contract 9: a token of ${lifetime} s is refreshed once less than ${left} s are left`, async () => {
    const kept = setup(jwtLogin(lifetime, left), () => tokenAnswer(1));
    assertEquals((await kept.source.current()).refresh, "SECRET-r0");
    assertEquals(kept.environment.sent.length, 0);
    const due = setup(jwtLogin(lifetime, left - 0.001), () => tokenAnswer(1));
    assertEquals((await due.source.current()).refresh, "SECRET-r0");
    await due.source.settled();
    assertEquals((await due.source.current()).access, "SECRET-a1");
    assertEquals(due.environment.sent.length, 1);
  });
}

Deno.test("contract 9: an opaque token that is stored counts as one of 900 s", async () => {
  const kept = setup(login(450));
  assertEquals((await kept.source.current()).access, "SECRET-a0");
  const due = setup(login(449.999));
  await due.source.current();
  await due.source.settled();
  assertEquals((await due.source.current()).access, "SECRET-a1");
});

Deno.test("contract 9: the lifetime of an opaque answer is its expires_in, else 900 s", async () => {
  for (const [expiresIn, lifetime] of [[3600, 3600], [undefined, 900]] as const) {
    const { source } = setup(login(0), () =>
      Response.json({
        access_token: "SECRET-a1",
        refresh_token: "SECRET-r1",
        expires_in: expiresIn,
      }));
    const fresh = await source.current();
    assertEquals([fresh.lifetime, fresh.expires], [lifetime, NOW + lifetime * 1000]);
  }
});

Deno.test("contract 9: a fresh token is used without a request", async () => {
  const { environment, source } = setup(login());
  assertEquals((await source.current()).access, "SECRET-a0");
  assertEquals(environment.sent, []);
});

Deno.test("a login that the store is sure of is not read, unless it is due or spent", async () => {
  const { environment, source, store } = setup(login());
  let reads = 0;
  const { read } = store;
  store.read = () => (reads++, read());
  let known: Credential | undefined = login();
  Object.assign(store, { peek: () => known });
  await source.current();
  reads = 0;
  for (let turn = 0; turn < 3; turn++) assertEquals((await source.current()).access, "SECRET-a0");
  assertEquals(reads, 0);
  known = undefined;
  await source.current();
  assertEquals(reads, 1);
  known = store.stored = login(10);
  assertEquals((await source.current()).access, "SECRET-a1");
  known = login();
  assertEquals((await source.current()).access, "SECRET-a1", "its refresh token is spent");
  assertEquals(environment.sent.length, 1);
});

Deno.test("the store is opened anew until it is sure of its login: it may be another by then", async () => {
  const { environment, store, memory } = setup(undefined);
  const sure = Object.assign(memoryStore(login()), { peek: () => login() });
  const stores: (Error | LoginStore)[] = [new Error("not yet"), store, sure];
  const source = sourceOf(environment, () => {
    const next = stores.shift();
    return next instanceof Error || next === undefined
      ? Promise.reject(next)
      : Promise.resolve(next);
  }, memory);
  assertEquals(await source.current().catch(({ message }) => message), "not yet");
  await assertFails(() => source.current(), "not_logged_in");
  for (let turn = 0; turn < 3; turn++) assertEquals((await source.current()).access, "SECRET-a0");
});

Deno.test("contract 9: fifty callers at once cause one refresh", async () => {
  const { environment, source, store } = setup(login(10));
  const all = await Promise.all(Array.from({ length: 50 }, () => source.current()));
  assertEquals(new Set(all.map(({ access }) => access)), new Set(["SECRET-a1"]));
  assertEquals([environment.sent.length, store.writes.length], [1, 1]);
});

Deno.test("contract 9: fifty callers with a 401 at once cause one refresh", async () => {
  const { environment, source } = setup(login());
  const all = await Promise.all(Array.from({ length: 50 }, () => source.renew("SECRET-a0")));
  assertEquals(new Set(all.map(({ access }) => access)), new Set(["SECRET-a1"]));
  assertEquals(environment.sent.length, 1);
});

Deno.test("contract 9: callers with a 401 and others at once cause one refresh", async () => {
  const { environment, source } = setup(login(10));
  await Promise.all([source.current(), source.renew("SECRET-a0"), source.current()]);
  assertEquals(environment.sent.length, 1);
});

Deno.test("contract 9: two managers of one process cause one refresh", async () => {
  const { environment, memory, source, store } = setup(login(10));
  const other = sourceOf(environment, store, memory);
  const pair = await Promise.all([source.current(), other.current(), other.renew("SECRET-a0")]);
  assertEquals(pair.map(({ access }) => access), ["SECRET-a1", "SECRET-a1", "SECRET-a1"]);
  assertEquals(environment.sent.length, 1);
});

Deno.test("contract 9: a later manager of the process does not send a spent token", async () => {
  const { environment, memory, source } = setup(login(10));
  await source.current();
  const stale = setup(login(10)).store;
  const other = sourceOf(environment, stale, memory);
  assertEquals((await other.current()).access, "SECRET-a1");
  assertEquals(environment.sent.length, 1);
});

Deno.test("contract 9: a refreshed login is stored before it is used", async () => {
  const { source, store } = setup(login(10));
  const storing = gate();
  const stored = gate();
  const used: string[] = [];
  const { write } = store;
  store.write = async (credential) => {
    storing.open();
    await stored.passed;
    await write(credential);
  };
  const callers = [source.current(), source.current(), source.renew("SECRET-a0")]
    .map(async (caller) => used.push((await caller).access));
  await storing.passed;
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(used, []);
  stored.open();
  await Promise.all(callers);
  assertEquals(used, ["SECRET-a1", "SECRET-a1", "SECRET-a1"]);
  assertEquals((await store.read())?.refresh, "SECRET-r1");
});

Deno.test("contract 9: a token minted after the 401's request began is used as it is", async () => {
  const { environment, source, store } = setup(login());
  store.stored = login(900, "7");
  assertEquals((await source.renew("SECRET-a0")).access, "SECRET-a7");
  assertEquals(environment.sent, []);
});

Deno.test("contract 9: a login that changed while a caller waited is used as it is", async () => {
  const { environment, source, store } = setup(login(10));
  const reads = [login(10), login(900, "7")];
  store.read = () => Promise.resolve(reads.length > 1 ? reads.shift() : reads[0]);
  assertEquals((await source.current()).access, "SECRET-a7");
  assertEquals(environment.sent, []);
});

Deno.test("contract 10: a 401 refreshes a token that is fresh by the clock", async () => {
  const { environment, source } = setup(login());
  assertEquals((await source.renew("SECRET-a0")).access, "SECRET-a1");
  assertEquals(environment.sent.length, 1);
});

Deno.test("a refresh names client, grant and the stored refresh token, and no scope", async () => {
  const { environment, source } = setup(login(10));
  await source.current();
  const [request] = environment.sent;
  assertEquals(request?.url, "https://auth.kimi.com/api/oauth/token");
  assertEquals([...new URLSearchParams(request?.body)], [
    ["client_id", "17e5f671-d194-4dfb-9706-5516cb48c098"],
    ["grant_type", "refresh_token"],
    ["refresh_token", "SECRET-r0"],
  ]);
});

Deno.test("contract 7: the headers of a refresh", async () => {
  const { environment, source } = setup(login(10));
  await source.current();
  assertEquals(environment.sent[0]?.headers, {
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
    ...KIMI_CLI_HEADERS,
  });
});

Deno.test("a refresh goes to the host that was set when the user logged in", async () => {
  const hosts = { oauth: "https://auth.example", api: "https://api.example/v1" };
  const { environment, source } = setup(login(10, "0", hosts), () => tokenAnswer(1));
  const fresh = await source.current();
  assertEquals(environment.sent[0]?.url, "https://auth.example/api/oauth/token");
  assertEquals(fresh.hosts, hosts);
});

Deno.test("without a login there is one line that says how to log in", async () => {
  const { environment, source } = setup(undefined);
  for (const work of [() => source.current(), () => source.renew("SECRET-a0")]) {
    const error = await assertFails(work, "not_logged_in");
    assertEquals(error.message, NOT_LOGGED_IN);
  }
  assertEquals(await source.stored(), undefined);
  assertEquals(environment.sent, []);
});

Deno.test("chains of two logins are refreshed apart", async () => {
  const { environment, source, store, memory } = setup(login(10), rotating());
  await source.current();
  store.stored = login(10, "7");
  environment.answer = () => tokenAnswer("8");
  const other = await sourceOf(environment, store, memory).current();
  assertEquals(other.access, "SECRET-a8");
  assertEquals(environment.sent.map(({ body }) => new URLSearchParams(body).get("refresh_token")), [
    "SECRET-r0",
    "SECRET-r7",
  ]);
});

Deno.test("no refresh waits for ever: it carries a signal; and no kept connection, on which Bun sends twice", async () => {
  const { environment, source } = setup(login(0));
  await source.current();
  assertEquals(environment.sent[0]?.init.keepalive, false);
  assertEquals(environment.sent[0]?.init.signal instanceof AbortSignal, true);
});
