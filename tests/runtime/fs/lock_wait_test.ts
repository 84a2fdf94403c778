import { assert, assertEquals } from "@std/assert";
import { takeLock } from "../../../lib/runtime/fs/lock.ts";
import { holderName } from "../../../lib/runtime/fs/lock_holder.ts";
import { waited, whileHeld, withLockPath } from "./processes.ts";

/** The file of a holder in another container, whose pid is also that of a process here. */
const ELSEWHERE = holderName({ pid: Deno.pid, start: "1", place: "0" }, crypto.randomUUID(), 0);

async function leaveElsewhere(path: string): Promise<void> {
  await Deno.mkdir(path);
  await Deno.writeTextFile(`${path}/${ELSEWHERE}`, "");
}

/** The waits are those of real processes, so they run side by side. */
const STEPS: Readonly<Record<string, () => Promise<void>>> = {
  "a lock is taken over whose holder dies after more than 10 s": () =>
    withLockPath((path) =>
      whileHeld(path, async (holder) => {
        const waiting = waited(path, 30_000);
        await new Promise((resolve) => setTimeout(resolve, 12_000));
        await holder.crash();
        const milliseconds = await waiting ?? Infinity;
        assert(milliseconds > 11_500 && milliseconds < 16_000, `${milliseconds} ms`);
      })
    ),

  "a holder in another container loses the lock within 10 s without a heartbeat": () =>
    withLockPath(async (path) => {
      await leaveElsewhere(path);
      const milliseconds = await waited(path, 12_000) ?? Infinity;
      assert(milliseconds > 7_900 && milliseconds < 10_000, `${milliseconds} ms`);
    }),

  "a holder in another container keeps the lock by its heartbeat, even if its clock is wrong": () =>
    withLockPath(async (path) => {
      await leaveElsewhere(path);
      let time = 0;
      const heart = setInterval(
        () => Deno.utimeSync(`${path}/${ELSEWHERE}`, ++time, time),
        1_000,
      );
      try {
        assertEquals(await waited(path, 10_500), undefined);
      } finally {
        clearInterval(heart);
      }
    }),

  "a suspended holder on this machine keeps the lock for 30 s, and can go on": () =>
    withLockPath((path) =>
      whileHeld(path, async (holder) => {
        holder.signal("SIGSTOP");
        assertEquals(await waited(path, 27_500), undefined);
        holder.signal("SIGCONT");
        assertEquals(await holder.renew(), true);
        await holder.release();
        assert((await waited(path, 2_000) ?? Infinity) < 1_000);
      })
    ),

  "a holder that is suspended for longer loses the lock, and its renew() returns false": () =>
    withLockPath((path) =>
      whileHeld(path, async (holder) => {
        holder.signal("SIGSTOP");
        const milliseconds = await waited(path, 36_000) ?? Infinity;
        assert(milliseconds > 29_000 && milliseconds < 33_000, `${milliseconds} ms`);
        const next = await takeLock(path);
        holder.signal("SIGCONT");
        assertEquals(await holder.renew(), false);
        await holder.release();
        assertEquals(await next?.renew(), true);
        await next?.release();
      })
    ),

  "a waiter does not count the time in which it was suspended itself": () =>
    withLockPath(async (path) => {
      const lock = await takeLock(path);
      let isTaken = false;
      const waiting = whileHeld(
        path,
        async ({ release }) => {
          isTaken = true;
          await release();
        },
        undefined,
        (signal) => {
          setTimeout(() => signal("SIGSTOP"), 1_000);
          setTimeout(() => signal("SIGCONT"), 33_000);
        },
      );
      await new Promise((resolve) => setTimeout(resolve, 38_000));
      assertEquals([isTaken, await lock?.renew()], [false, true]);
      await lock?.release();
      await waiting;
    }),

  "a holder that renews the lock keeps it for 30 s from then on": () =>
    withLockPath(async (path) => {
      const holder = await takeLock(path);
      const start = performance.now();
      const renewals = [6_000, 14_000].map((wait) =>
        new Promise((resolve) => setTimeout(() => resolve(holder?.renew()), wait))
      );
      const milliseconds = await waited(path, 50_000) ?? Infinity;
      assertEquals(await Promise.all(renewals), [true, true]);
      assert(milliseconds > 43_900 && performance.now() - start < 48_000, `${milliseconds} ms`);
      assertEquals(await holder?.renew(), false);
      await holder?.release();
    }),

  "takeLock() names a lock that holds another program's file alone, and leaves it as it is": () =>
    withLockPath(async (path) => {
      await Deno.mkdir(path);
      await Deno.writeTextFile(`${path}/notes.txt`, "mine");
      const failed = await waited(path, 20_000).catch((error: Error) => error.message);
      assertEquals(failed, `${path} was left behind and cannot be removed: remove it`);
      assertEquals(await Deno.readTextFile(`${path}/notes.txt`), "mine");
    }),

  "takeLock() names a link in the place of the lock that it cannot remove": () =>
    withLockPath(async (path) => {
      await Deno.symlink(`${path}.gone`, path);
      const failed = await waited(path, 20_000).catch((error: Error) => error.message);
      assertEquals(failed, `${path} was left behind and cannot be removed: remove it`);
    }),
};

Deno.test("contract 9: how long takeLock() waits for which holder", async (t) => {
  const concurrent = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
  const held = await Promise.all(
    Object.entries(STEPS).map(([name, fn]) => t.step({ name, fn, ...concurrent })),
  );
  assert(held.every((step) => step));
});
