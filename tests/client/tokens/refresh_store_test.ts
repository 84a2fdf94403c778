import { createRefreshMemory } from "../../../lib/client/tokens/login_store.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { assertFails, gate, login, rotating, setup, sourceOf, tokenAnswer } from "../fixtures.ts";

Deno.test("contract 11: a logout during a refresh wins, and nothing is written", async () => {
  const { source, store } = setup(login(0), () => {
    store.stored = undefined;
    return tokenAnswer(1);
  });
  await assertFails(() => source.current(), "not_logged_in");
  assertEquals([store.writes, store.stored], [[], undefined]);
  await assertFails(() => source.current(), "not_logged_in");
});

Deno.test("contract 11: a logout wins over a refresh while the token is still valid", async () => {
  const { source, store } = setup(login(400), () => {
    store.stored = undefined;
    return tokenAnswer(1);
  });
  assertEquals((await source.current()).access, "SECRET-a0");
  await source.settled();
  await assertFails(() => source.current(), "not_logged_in");
  assertEquals(store.writes, []);
});

Deno.test("contract 11: a newer login during a refresh wins, and is used", async () => {
  const { source, store } = setup(login(0), () => {
    store.stored = login(900, "new");
    return tokenAnswer(1);
  });
  const all = await Promise.all([source.current(), source.renew("SECRET-a0")]);
  assertEquals(all.map(({ access }) => access), ["SECRET-anew", "SECRET-anew"]);
  assertEquals([store.writes, store.stored?.refresh], [[], "SECRET-rnew"]);
});

Deno.test("contract 11: a logout while a refresh is repeated wins", async () => {
  const { environment, source, store } = setup(login(0), () => new Response("", { status: 503 }));
  environment.onSleep = () => {
    store.stored = undefined;
    environment.answer = () => tokenAnswer(1);
  };
  await assertFails(() => source.current(), "not_logged_in");
  assertEquals(store.writes, []);
});

Deno.test("a store that cannot be written is reported in a line without a token", async () => {
  const { environment, source, store } = setup(login(0));
  store.write = () => Promise.reject(new Error("EROFS: read-only file system"));
  assertEquals((await source.current()).access, "SECRET-a1");
  assertEquals(environment.logs.length, 1);
  assertMatch(environment.logs[0] ?? "", /^error: .*could not be stored: EROFS[^\n]*$/);
  assertNotMatch(environment.logs[0] ?? "", /SECRET/);
});

Deno.test("a store that throws at once on a write does not end the request", async () => {
  const { source, store } = setup(login(0));
  store.write = () => {
    throw new Error("no client");
  };
  assertEquals((await source.current()).access, "SECRET-a1");
});

Deno.test("a store that fails to be read is an error, and the next request works", async () => {
  const { source, store } = setup(login());
  const { read } = store;
  store.read = () => Promise.reject(new Error("EIO"));
  await source.current().then(() => assert(false), () => {});
  store.read = read;
  assertEquals((await source.current()).access, "SECRET-a0");
});

Deno.test("over a hundred refreshes a store that keeps the old entry costs no login", async () => {
  const { environment, memory, source, store } = setup(login(900), rotating());
  store.write = () => Promise.resolve(); // as OPENCODE_AUTH_CONTENT: written, and never read again
  for (let turn = 1; turn <= 100; turn++) {
    environment.time += 600_000;
    await (turn % 2 === 0 ? source : sourceOf(environment, store, memory)).current();
    await source.settled();
    assertEquals((await source.current()).access, `SECRET-a${turn}`);
  }
  assertEquals([environment.sent.length, environment.logs], [100, []]);
});

Deno.test("over a hundred refreshes a store that throws costs no login", async () => {
  const { environment, source, store } = setup(login(0), rotating());
  store.write = () => Promise.reject(new Error("EROFS"));
  for (let turn = 1; turn <= 100; turn++) {
    await source.current();
    await source.settled();
    assertEquals((await source.current()).access, `SECRET-a${turn}`);
    environment.time += 600_000;
  }
  assertEquals(environment.sent.length, 100);
});

Deno.test("what a process remembers of its refreshes stays small", async () => {
  const { environment, memory, source } = setup(login(0), rotating());
  for (let turn = 1; turn <= 100; turn++) {
    await source.current();
    await source.settled();
    environment.time += 600_000;
  }
  const { replaced, running, work, rejected, pausedUntil } = memory;
  assertEquals([running, work, rejected, pausedUntil].map(({ size }) => size), [0, 0, 0, 0]);
  assert(replaced.size <= 40);
  assertEquals(environment.sent.length, 100);
});

Deno.test("with a store that keeps the old entry, a new login wins over the memory", async () => {
  const { source, store, environment } = setup(login(0), rotating());
  store.write = () => Promise.resolve();
  await source.current();
  store.stored = login(900, "new");
  assertEquals((await source.current()).access, "SECRET-anew");
  store.stored = undefined;
  await assertFails(() => source.current(), "not_logged_in");
  assertEquals(environment.sent.length, 1);
});

Deno.test("a request that comes while the new login is being stored waits for it", async () => {
  const { environment, source, store } = setup(login(0), rotating());
  const [storing, stored] = [gate(), gate()];
  const { write } = store;
  store.write = async (credential) => {
    storing.open();
    await stored.passed;
    await write(credential);
  };
  const first = source.current();
  await storing.passed;
  let isOver = false;
  const second = source.current().finally(() => isOver = true);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals([isOver, environment.sent.length], [false, 1]);
  stored.open();
  assertEquals((await first).access, "SECRET-a1");
  assertEquals((await second).access, "SECRET-a1");
  assertEquals(environment.sent.length, 1);
});

Deno.test("contract 9: a login that could not be stored is used at once, and stored while the lease is held", async () => {
  const { environment, source, store } = setup(login(0));
  const { write } = store;
  const held: string[] = [];
  let isFull = true;
  store.withLease = async (work) => {
    held.push("taken");
    return await work({ renew: () => Promise.resolve(held.push("renewed") > 0) })
      .finally(() => held.push("given up"));
  };
  store.write = (login) => isFull ? Promise.reject(new Error("ENOSPC")) : write(login);
  const slept = gate();
  const { sleep } = environment;
  const slow = Object.assign(environment, {
    sleep: async (milliseconds: number) => {
      await slept.passed;
      await sleep(milliseconds);
    },
  });
  assertEquals((await source.current()).access, "SECRET-a1");
  assertEquals([store.stored?.refresh, held], ["SECRET-r0", ["taken", "renewed", "renewed"]]);
  assertEquals((await source.current()).access, "SECRET-a1", "the next request has it too");
  isFull = false;
  slept.open();
  await source.settled();
  assertEquals(store.stored?.refresh, "SECRET-r1");
  assertEquals(held.slice(3), ["renewed", "given up"]);
  assertEquals([slow.logs.length, slow.sent.length], [1, 1]);
});

Deno.test("contract 9: a login that could not be stored for long is stored with a later request", async () => {
  const { environment, memory, source, store } = setup(login(0));
  const { write } = store;
  store.write = () => Promise.reject(new Error("ENOSPC"));
  await source.current();
  await source.settled();
  assertEquals(store.stored?.refresh, "SECRET-r0");
  store.write = write;
  environment.time += 31_000;
  assertEquals((await source.current()).access, "SECRET-a1");
  await source.settled();
  assertEquals(store.stored?.refresh, "SECRET-r1");
  const other = sourceOf(environment, store, createRefreshMemory());
  assertEquals((await other.current()).access, "SECRET-a1");
  assertEquals([environment.sent.length, memory.running.size], [1, 0]);
});

Deno.test("a store that fails beside a request rejects nothing that nobody waits for", async () => {
  const { environment, source, store } = setup(login(400));
  store.withLease = () => Promise.reject(new KimiError("not_stored", "the disk is full"));
  assertEquals((await source.current()).access, "SECRET-a0");
  await source.settled();
  assertEquals(environment.logs, [
    "warn: the disk is full; the access token is used while it is valid",
  ]);
  assertEquals(environment.sent, []);
});

Deno.test("contract 11: a logout or a newer login wins over a login that is stored late", async () => {
  for (const other of [undefined, login(900, "new")]) {
    const { environment, source, store } = setup(login(0));
    store.write = () => Promise.reject(new Error("ENOSPC"));
    await source.current();
    await source.settled();
    environment.time += 31_000;
    const { update } = store;
    const late = (...logins: Parameters<typeof update>) => {
      store.stored = other;
      return update(...logins);
    };
    Object.assign(store, { update: late });
    assertEquals((await source.current()).access, "SECRET-a1");
    await source.settled();
    assertEquals(store.stored, other);
  }
});

Deno.test("contract 9: a spent login that is still stored is no newer one, though its token is good", async () => {
  const { environment, source, store } = setup(login(400));
  const { write } = store;
  store.write = () => Promise.reject(new Error("ENOSPC"));
  await source.current();
  await source.settled();
  store.write = write;
  assertEquals((await source.renew("SECRET-a1")).access, "SECRET-a2");
  const sent = environment.sent.map(({ body }) => new URLSearchParams(body).get("refresh_token"));
  assertEquals([sent, store.stored?.refresh], [["SECRET-r0", "SECRET-r1"], "SECRET-r2"]);
});
