import { assertEquals } from "@std/assert";
import { fromAuthEntry, toAuthEntry } from "../../../lib/client/tokens/credential.ts";
import { createTokenManager } from "../../../lib/client/tokens/token_manager.ts";
import { createRefreshMemory } from "../../../lib/client/tokens/login_store.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { resolveHosts } from "../../../lib/kimi/identity/hosts.ts";
import { fakeEnvironment } from "../../support/environment.ts";
import {
  assertFails,
  gate,
  login,
  memoryStore,
  oauthError,
  rotating,
  setup,
  tokenAnswer,
} from "../fixtures.ts";

Deno.test("contract 9: a due token that is good for 60 s is used at once, and refreshed once beside the requests", async () => {
  const [asked, answered] = [gate(), gate()];
  const answer = rotating();
  const { environment, source, store } = setup(login(60), async (request) => {
    asked.open();
    await answered.passed;
    return await answer(request);
  });
  let isSettled = false;
  for (let turn = 0; turn < 3; turn++) {
    const all = await Promise.all([source.current(), source.current()]);
    assertEquals(all.map(({ access }) => access), ["SECRET-a0", "SECRET-a0"]);
  }
  const settled = source.settled().then(() => isSettled = true);
  await asked.passed;
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals([isSettled, environment.sent.length, store.writes.length], [false, 1, 0]);
  answered.open();
  await settled;
  assertEquals([environment.sent.length, store.stored?.refresh], [1, "SECRET-r1"]);
  assertEquals((await source.current()).access, "SECRET-a1");
});

Deno.test("contract 9: with less than 60 s left the refresh is waited for", async () => {
  const { source } = setup(login(59.999));
  assertEquals((await source.current()).access, "SECRET-a1");
});

Deno.test("contract 10: a 401 while a refresh runs beside the request waits for it, and sends nothing more", async () => {
  const answered = gate();
  const answer = rotating();
  const { environment, source } = setup(login(400), async (request) => {
    await answered.passed;
    return await answer(request);
  });
  const { access } = await source.current();
  const renewed = source.renew(access);
  answered.open();
  assertEquals([(await renewed).access, environment.sent.length], ["SECRET-a1", 1]);
});

Deno.test("contract 10: a 401 forces a refresh of its own after one beside the request failed", async () => {
  const [sent, answered] = [gate(), gate()];
  const { environment, source } = setup(login(400), async () => {
    sent.open();
    await answered.passed;
    throw new TypeError("connection reset");
  });
  const { access } = await source.current();
  await sent.passed;
  const renewed = source.renew(access);
  environment.answer = rotating();
  answered.open();
  assertEquals([(await renewed).access, environment.sent.length], ["SECRET-a1", 2]);
});

Deno.test("contract 9: an opaque token is refreshed once in half its lifetime, though the store keeps no lifetime", async () => {
  for (const lifetime of [1_800, 3_600, 86_400, 20 * 86_400]) {
    let minted = 0;
    const { environment, source, store } = setup(login(0), () => tokenAnswer(++minted, lifetime));
    for (let turn = 0; turn < 5; turn++) {
      await source.current();
      await source.settled();
      // As opencode's auth.json holds it.
      store.stored = fromAuthEntry(store.stored && toAuthEntry(store.stored));
      assertEquals(store.stored?.lifetime, lifetime);
    }
    assertEquals(environment.sent.length, 1);
    const { enterpriseUrl: _, ...entry } = toAuthEntry(store.stored ?? login());
    store.stored = fromAuthEntry(entry);
    for (let turn = 0; turn < 5; turn++) await source.current();
    assertEquals(environment.sent.length, 1, `${lifetime} s, of which the store says nothing`);
  }
});

Deno.test("a manager without a memory of its own shares the one of the process", async () => {
  const stale = login(10, "shared");
  const sent = { answer: () => tokenAnswer("after-shared") };
  const environment = fakeEnvironment(sent);
  const hosts = () => resolveHosts({});
  const make = () =>
    createTokenManager(environment, memoryStore(stale), { hosts, client: "kimi-cli" });
  const all = await Promise.all([make().current(), make().current()]);
  assertEquals(all.map(({ access }) => access), Array(2).fill("SECRET-aafter-shared"));
  assertEquals((await make().current()).access, "SECRET-aafter-shared");
  assertEquals(environment.sent.length, 1);
});

Deno.test("a login that cannot be refreshed here is used while it is valid, then the refusal is the error", async () => {
  const environment = fakeEnvironment({ answer: rotating() });
  const refusal = () => new KimiError("not_stored", "not here");
  const hosts = () => resolveHosts({});
  const options = { hosts, client: "kimi-cli", refusal, memory: createRefreshMemory() } as const;
  const source = createTokenManager(environment, memoryStore(login(10)), options);
  assertEquals((await source.current()).access, "SECRET-a0");
  await assertFails(() => source.renew("SECRET-a0"), "not_stored", "not here");
  environment.time += 10_000;
  await assertFails(() => source.current(), "not_stored", "not here");
  assertEquals([environment.sent, environment.logs], [[], []]);
});

Deno.test("a failing refresh with less than 60 s left leaves the valid token in use, with one line in the log", async () => {
  const { environment, source } = setup(login(30), () => oauthError("invalid_client"));
  const all = await Promise.all(Array.from({ length: 5 }, () => source.current()));
  assertEquals(all.map(({ access }) => access), Array(5).fill("SECRET-a0"));
  assertEquals([environment.sent.length, environment.logs.length], [1, 1]);
});

Deno.test("a refresh that fails beside requests has one line in the log", async () => {
  const { environment, source } = setup(login(400), () => oauthError("invalid_client"));
  const all = await Promise.all(Array.from({ length: 5 }, () => source.current()));
  assertEquals(all.map(({ access }) => access), Array(5).fill("SECRET-a0"));
  await source.settled();
  assertEquals([environment.sent.length, environment.logs.length], [1, 1]);
});

Deno.test("contract 9: a clock that is set back does not prolong the pause after a failed refresh", async () => {
  const { environment, source } = setup(login(400), () => oauthError("invalid_client"));
  await source.current();
  await source.settled();
  environment.answer = rotating();
  environment.time -= 10_000;
  await source.current();
  await source.settled();
  assertEquals((await source.current()).access, "SECRET-a1");
});

Deno.test("contract 11: a newer login that comes while a refresh fails is used", async () => {
  for (const error of ["invalid_client", "invalid_grant"]) {
    for (const ask of ["current", "renew"] as const) {
      const { source, store } = setup(login(ask === "current" ? 0 : 900), () => {
        store.stored = login(900, "7");
        return oauthError(error);
      });
      const asked = ask === "current" ? source.current() : source.renew("SECRET-a0");
      const outcome = await asked.then(({ access }) => access, ({ code }) => code);
      assertEquals(
        outcome,
        ask === "renew" && error === "invalid_client" ? "oauth_error" : "SECRET-a7",
      );
    }
  }
});
