/** A refresh that waits for others, and one whose lease or answer is lost. */

import { assertEquals, assertMatch } from "@std/assert";
import { HELD, login, setup } from "../fixtures.ts";
import { lockOf, spent } from "./leases.ts";

Deno.test("contract 9: a request waits 10 s for another process's refresh if its token is valid, else for the lock", async () => {
  const valid = setup(login(100));
  lockOf(valid.store, async (isMoot) => {
    assertEquals(await isMoot(), false);
    valid.environment.time += 10_001;
    return await isMoot() ? undefined : HELD;
  });
  assertEquals((await valid.source.current()).access, "SECRET-a0");
  await valid.source.settled();
  assertMatch(valid.environment.logs.join(), /the lock was not free within 10 s/);
  assertEquals(spent(valid), [], "a suspended process may have sent the refresh token");
  const expired = setup(login(0));
  lockOf(expired.store, async (isMoot) => {
    expired.environment.time += 25_000;
    return await isMoot() ? undefined : HELD;
  });
  assertEquals((await expired.source.current()).access, "SECRET-a1");
});

Deno.test("contract 9: a login that another process has stored is used, however long the wait was", async () => {
  const made = setup(login(100));
  lockOf(made.store, async (isMoot) => {
    made.environment.time += 10_001;
    made.store.stored = login(900, "7");
    return await isMoot() ? undefined : HELD;
  });
  await made.source.current();
  await made.source.settled();
  assertEquals([made.environment.logs, spent(made)], [[], []]);
});

Deno.test("contract 9: a refresh that is tried again is not sent if the lock was lost meanwhile", async () => {
  let renewals = 0;
  const made = setup(login(0), () => {
    made.store.stored = login(900, "7");
    return Response.json({}, { status: 503 });
  });
  lockOf(made.store, () => Promise.resolve({ renew: () => Promise.resolve(++renewals === 1) }));
  assertEquals((await made.source.current()).access, "SECRET-a7");
  assertEquals([spent(made), renewals], [["SECRET-r0"], 2]);
});

Deno.test("contract 9: an answer that says success and cannot be read counts as lost", async () => {
  for (const text of ["", '{"access_token":"SECRET-a1","refr', '{"access_token":"SECRET-a1"']) {
    const made = setup(login(400), () => new Response(text));
    await made.source.current();
    await made.source.settled();
    made.environment.time += 31_000;
    assertEquals((await made.source.current()).access, "SECRET-a0");
    await made.source.settled();
    assertEquals(spent(made), ["SECRET-r0"]);
  }
});

Deno.test("a host that leaves the refresh token as it is gets one request for each new access token", async () => {
  const answer = () =>
    Response.json({ access_token: "SECRET-new", refresh_token: "SECRET-r0", expires_in: 900 });
  const made = setup(login(0), answer);
  for (let turn = 0; turn < 3; turn++) {
    assertEquals((await made.source.current()).access, "SECRET-new");
    await made.source.settled();
  }
  assertEquals([spent(made).length, made.store.stored?.access], [1, "SECRET-new"]);
  made.store.stored = login(900, "0");
  assertEquals((await made.source.current()).access, "SECRET-a0", "what is stored counts");
});

Deno.test("after a 401 a login that is being stored is waited for, though its refresh token stayed", async () => {
  const answer = () =>
    Response.json({ access_token: "SECRET-new", refresh_token: "SECRET-r0", expires_in: 900 });
  const made = setup(login(0), answer);
  const { write } = made.store;
  let tries = 0;
  made.store.write = async (login) => {
    if (++tries < 3) throw new Error("the disk is full");
    await write(login);
  };
  assertEquals((await made.source.current()).access, "SECRET-new", "it is not stored yet");
  assertEquals((await made.source.renew("SECRET-a0")).access, "SECRET-new");
  await made.source.renew("SECRET-new").catch(() => {});
  await made.source.settled();
  assertEquals(made.store.stored?.access, "SECRET-new");
});
