import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { assertEquals, assertRejects } from "@std/assert";
import type { Answer } from "../../support/environment.ts";
import { assertFails, gate, HELD, login, rotating, setup, tokenAnswer } from "../fixtures.ts";
import { lockOf, spent } from "./leases.ts";

const lost: Answer = () => Promise.reject(new TypeError("connection reset"));

Deno.test("contract 9: a sibling's refresh ends the wait for the lock, and is used", async () => {
  const made = setup(login(10));
  lockOf(made.store, async (isMoot) => {
    assertEquals(await isMoot(), false);
    made.store.stored = login(900, "7");
    return await isMoot() ? undefined : HELD;
  });
  assertEquals((await made.source.current()).access, "SECRET-a7");
  assertEquals(spent(made), []);
});

Deno.test("contract 9: with the lock the login is read again, and a sibling's is used", async () => {
  const made = setup(login(10));
  const lock = lockOf(made.store, () => {
    made.store.stored = login(900, "7");
    return Promise.resolve(HELD);
  });
  assertEquals((await made.source.current()).access, "SECRET-a7");
  assertEquals([spent(made), lock], [[], { taken: 1, released: 1 }]);
});

Deno.test("contract 9: a sibling's login that has expired by then is refreshed in its turn", async () => {
  const made = setup(login(10), () => tokenAnswer("8"));
  lockOf(made.store, async (isMoot) => {
    made.store.stored = login(0, "7");
    assertEquals(await isMoot(), false);
    return HELD;
  });
  assertEquals((await made.source.current()).access, "SECRET-a8");
  assertEquals(spent(made), ["SECRET-r7"]);
});

Deno.test("contract 9: no lock is taken for what a sibling has done already", async () => {
  const made = setup(login(10));
  const reads = [login(10), login(900, "7")];
  made.store.read = () => Promise.resolve(reads.length > 1 ? reads.shift() : reads[0]);
  const lock = lockOf(made.store, () => Promise.resolve(HELD));
  assertEquals((await made.source.current()).access, "SECRET-a7");
  assertEquals(lock.taken, 0);
});

Deno.test("contract 9: who has lost the lock sends nothing, and takes it again", async () => {
  const made = setup(login(10));
  const lock = lockOf(
    made.store,
    () => Promise.resolve({ renew: () => Promise.resolve(lock.taken > 1) }),
  );
  assertEquals((await made.source.current()).access, "SECRET-a1");
  assertEquals([spent(made), lock], [["SECRET-r0"], { taken: 2, released: 2 }]);
});

Deno.test("contract 9: the lock is given up after a failure too", async () => {
  const made = setup(login(0), lost);
  const lock = lockOf(made.store, () => Promise.resolve(HELD));
  await assertFails(() => made.source.current(), "network");
  assertEquals(lock, { taken: 2, released: 2 });
});

Deno.test("contract 9: nothing is spent that could not be stored", async () => {
  const made = setup(login(0));
  const failed = new KimiError("not_stored", "the disk is full");
  made.store.withLease = () => Promise.reject(failed);
  const { access } = await made.source.current();
  assertEquals(access, "SECRET-a0", "this clock may be wrong, so Kimi is asked");
  await assertFails(() => made.source.renew(access), "not_stored", "the disk is full");
  assertEquals(spent(made), []);
});

Deno.test("contract 10: after a 401 a refresh token is sent again though its answer was lost", async () => {
  const made = setup(login(400), lost);
  assertEquals((await made.source.current()).access, "SECRET-a0");
  await made.source.settled();
  made.environment.answer = () => tokenAnswer(1);
  assertEquals((await made.source.renew("SECRET-a0")).access, "SECRET-a1");
  assertEquals(spent(made), ["SECRET-r0", "SECRET-r0"]);
  assertEquals(made.memory.uncertain.size, 0);
});

Deno.test("contract 10: after a 401 a sibling's token that has expired, or is about to, is not sent", async () => {
  for (const left of [0, 1]) {
    const made = setup(login(left, "7"), () => tokenAnswer("8"));
    assertEquals((await made.source.renew("SECRET-a0")).access, "SECRET-a8");
  }
});

Deno.test("contract 9: a spent login that comes back is replaced behind the request, under the lock", async () => {
  const made = setup(login(0));
  const lock = lockOf(made.store, () => Promise.resolve(HELD));
  await made.source.current();
  const { write } = made.store;
  const locked: unknown[] = [];
  made.store.write = async (login) => {
    locked.push({ ...lock });
    await write(login);
  };
  for (let time = 0; time < 2; time++) {
    made.environment.time += 30_000;
    made.store.stored = login(0);
    for (let turn = 0; turn < 50; turn++) {
      assertEquals((await made.source.current()).access, "SECRET-a1");
    }
    await made.source.settled();
    assertEquals(made.store.stored?.refresh, "SECRET-r1");
  }
  assertEquals(locked, [2, 3].map((taken) => ({ taken, released: taken - 1 })), "once in 5 s");
  assertEquals([spent(made), lock.released], [["SECRET-r0"], 3]);
});

Deno.test("who stops waiting ends no refresh: the others have it, and it is stored", async () => {
  const [sent, answered] = [gate(), gate()];
  const answer = rotating();
  const made = setup(login(0), async (request) => {
    sent.open();
    await answered.passed;
    return await answer(request);
  });
  const reason = new Error("Esc");
  const aborter = new AbortController();
  const [stopped, other] = [made.source.current(aborter.signal), made.source.renew("SECRET-a0")];
  await sent.passed;
  aborter.abort(reason);
  assertEquals(await assertRejects(() => stopped), reason);
  const late = () => made.source.renew("SECRET-a0", AbortSignal.abort(reason));
  assertEquals(await assertRejects(late), reason, "stopped before it began to wait");
  answered.open();
  assertEquals((await other).access, "SECRET-a1");
  assertEquals([spent(made), made.store.stored?.refresh], [["SECRET-r0"], "SECRET-r1"]);
});

Deno.test("a refresh that nobody waits for any more is stored, and its failure kills no process", async () => {
  for (const answer of [rotating(), lost]) {
    const made = setup(login(0), answer);
    const stopped = () => made.source.current(AbortSignal.abort(new Error("Esc")));
    await assertRejects(stopped, Error, "Esc");
    // Who comes next joins it.
    await made.source.current().catch(() => {});
    assertEquals(spent(made), answer === lost ? ["SECRET-r0", "SECRET-r0"] : ["SECRET-r0"]);
    assertEquals(made.store.stored?.refresh, answer === lost ? "SECRET-r0" : "SECRET-r1");
  }
});

Deno.test("contract 9: the lease is renewed directly before the token is sent, and before it is stored", async () => {
  const steps: string[] = [];
  const made = setup(login(0), (request) => {
    steps.push("sent");
    return rotating()(request);
  });
  const { write, read } = made.store;
  made.store.read = () => read().finally(() => steps.push("read"));
  made.store.write = (login) => write(login).finally(() => steps.push("stored"));
  lockOf(made.store, () => {
    steps.push("taken");
    return Promise.resolve({ renew: () => Promise.resolve(steps.push("renewed") > 0) });
  });
  await made.source.current();
  assertEquals(steps, ["read", "read", "taken", "read", "renewed", "sent", "renewed", "stored"]);
});

Deno.test("contract 11: a logout, or a newer login, while a refresh is being stored wins", async () => {
  for (const other of [undefined, login(900, "new")]) {
    const made = setup(login(0));
    const update = () =>
      Promise.resolve("superseded" as const)
        .finally(() => made.store.stored = other);
    Object.assign(made.store, { update });
    if (other === undefined) await assertFails(() => made.source.current(), "not_logged_in");
    else assertEquals((await made.source.current()).access, "SECRET-anew");
  }
});
