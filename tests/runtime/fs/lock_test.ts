import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Lock } from "../../../lib/client/environment.ts";
import { takeLock } from "../../../lib/runtime/fs/lock.ts";
import { ownIdentity, type ProcessIdentity } from "../../../lib/runtime/fs/lock_owner.ts";
import { runWorkers, whileHeld, withLockPath } from "./processes.ts";
import { onSmallDisk } from "./small_disk.ts";

/** A folder as another holder has left it. */
async function leave(path: string, identity: ProcessIdentity): Promise<void> {
  await Deno.mkdir(path);
  await Deno.writeTextFile(`${path}/owner`, JSON.stringify({ ...identity, nonce: "another" }));
}

/** Takes the lock and gives it up; how long that took in milliseconds, or undefined after the limit. */
async function taken(path: string, limit: number): Promise<number | undefined> {
  const start = performance.now();
  const lock = await takeLock(path, () => Promise.resolve(performance.now() - start > limit));
  const milliseconds = performance.now() - start;
  await lock?.release();
  return lock === undefined ? undefined : milliseconds;
}

async function names(path: string): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(path.slice(0, path.lastIndexOf("/")))))
    .map(({ name }) => name).sort();
}

const pause = (milliseconds: number) =>
  new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), milliseconds));

async function must(lock: Promise<Lock | undefined>): Promise<Lock> {
  const got = await lock;
  assert(got !== undefined);
  return got;
}

Deno.test("contract 9: of four processes, each 25 times, one at a time has the lock", () =>
  withLockPath(async (path) => {
    const file = `${path}.count`;
    await Deno.writeTextFile(file, "0");
    const orders = Array.from({ length: 4 }, () => ["count", path, file, "25"]);
    assertEquals(await runWorkers(orders), ["0 ", "0 ", "0 ", "0 "]);
    assertEquals(await Deno.readTextFile(file), "100");
    assertEquals(await names(path), ["it.lock.count"], "nothing else remains");
  }));

Deno.test("a lock that is given up leaves nothing behind, and can be had again", () =>
  withLockPath(async (path) => {
    const lock = await must(takeLock(path));
    assertEquals([await lock.renew(), await names(path)], [true, ["it.lock"]]);
    await lock.release();
    assertEquals([await lock.renew(), await names(path)], [false, []]);
    assert((await taken(path, 500) ?? 500) < 500);
  }));

Deno.test("contract 9: a lock that cannot be removed costs its holder nothing, who has its refresh", (t) =>
  withLockPath(async (path) => {
    const lock = await must(takeLock(path));
    await onSmallDisk(t, path, async () => await lock.release());
  }));

Deno.test("a lock that a full disk has no room for is not left behind", (t) =>
  withLockPath((path) =>
    onSmallDisk(t, path.slice(0, path.lastIndexOf("/")), async (disk) => {
      const fill = await Deno.open(`${disk}/fill`, { create: true, write: true });
      while (await fill.write(new Uint8Array(4096)).catch(() => 0) > 0);
      fill.close();
      const failed = await takeLock(`${disk}/it.lock`).catch((error: Error) => error.message);
      assertMatch(String(failed), /ENOSPC/);
      assertEquals(await names(`${disk}/it.lock`), ["fill"]);
    })
  ));

Deno.test("contract 9: a renewal changes the owner file, waits for a breaker, and knows a broken lock", () =>
  withLockPath(async (path) => {
    const lock = await must(takeLock(path));
    const before = await Deno.readTextFile(`${path}/owner`);
    assertEquals(await lock.renew(), true);
    const after = await Deno.readTextFile(`${path}/owner`);
    assert(after !== before && after.length === before.length, after);
    await Deno.mkdir(`${path}/breaking`);
    const renewing = lock.renew();
    assertEquals(await Promise.race([renewing, pause(300)]), undefined, "a breaker may be at it");
    await Deno.remove(`${path}/breaking`);
    assertEquals(await renewing, true);
    await Deno.mkdir(`${path}/breaking`);
    const late = lock.renew();
    await pause(50);
    await Deno.rename(path, `${path}.aside`);
    assertEquals(await late, false);
    await lock.release();
    await Deno.remove(`${path}.aside`, { recursive: true });
  }));

Deno.test("a lock is renewed on a full disk too", (t) =>
  withLockPath((path) =>
    onSmallDisk(t, path.slice(0, path.lastIndexOf("/")), async (disk) => {
      const lock = await must(takeLock(`${disk}/it.lock`));
      const fill = await Deno.open(`${disk}/fill`, { create: true, write: true });
      while (await fill.write(new Uint8Array(4096)).catch(() => 0) > 0);
      fill.close();
      assertEquals(await lock.renew(), true);
      await lock.release();
    })
  ));

Deno.test("a wait ends once it is moot, and the holder keeps the lock", () =>
  withLockPath(async (path) => {
    const lock = await must(takeLock(path));
    try {
      let asked = 0;
      assertEquals(await takeLock(path, () => Promise.resolve(++asked === 2)), undefined);
      assertEquals([asked, await lock.renew()], [2, true]);
    } finally {
      await lock.release();
    }
  }));

Deno.test("a wait that is moot by an error ends with it", () =>
  withLockPath(async (path) => {
    const lock = await must(takeLock(path));
    const failing = takeLock(path, () => Promise.reject(new RangeError("unreadable")));
    assertEquals(await failing.catch((error) => error.message), "unreadable");
    await lock.release();
  }));

Deno.test("a holder whose lock was broken knows it, and giving it up leaves the new lock alone", () =>
  withLockPath(async (path) => {
    const broken = await must(takeLock(path));
    await Deno.remove(path, { recursive: true });
    const next = await must(takeLock(path));
    assertEquals([await broken.renew(), await next.renew()], [false, true]);
    await broken.release();
    assertEquals(await next.renew(), true);
    await next.release();
    assertEquals(await names(path), []);
  }));

Deno.test("contract 9: a holder that was killed is noticed at once on Linux, within 10 s elsewhere", () =>
  withLockPath((path) =>
    whileHeld(path, async ({ crash }) => {
      assertEquals(await taken(path, 300), undefined, "held until then");
      await crash();
      const milliseconds = await taken(path, 12_000) ?? Infinity;
      assert(milliseconds < (Deno.build.os === "linux" ? 1_500 : 10_000), `${milliseconds} ms`);
      assertEquals(await names(path), []);
    })
  ));

Deno.test("a process that ends leaves no lock of its own behind, and another's alone", () =>
  withLockPath(async (path) => {
    assertEquals(await runWorkers([["exit", path]]), ["0 "]);
    assertEquals(await names(path), []);
    const other = JSON.stringify({ ...await ownIdentity(), nonce: "another" });
    assertEquals(await runWorkers([["exit", path, other]]), ["0 "]);
    assertEquals(await Deno.readTextFile(`${path}/owner`), other);
  }));

for (const what of ["take", "release"]) {
  Deno.test(`a process that ends while it is about to ${what} a lock leaves none`, () =>
    withLockPath(async (path) => {
      for (const turns of [[0, 1, 2], [3, 5, 8], [13, 21, 34]]) {
        const orders = turns.map((turn) => ["quit", `${path}.${turn}`, what, `${turn}`]);
        assertEquals(await runWorkers(orders), ["0 ", "0 ", "0 "]);
      }
      assertEquals(await names(path), []);
    }));
}

Deno.test("contract 9: of many that wait for a dead holder's lock, one at a time has it", () =>
  withLockPath(async (path) => {
    await leave(path, { ...await ownIdentity(), start: "1" });
    let inside = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 12 }, async () => {
      const lock = await must(takeLock(path));
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      assertEquals(await lock.renew(), true);
      inside--;
      await lock.release();
    }));
    assertEquals([most, await names(path)], [1, []]);
  }));

Deno.test({
  name: "contract 9: a pid that was given to another process since is told by its start",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withLockPath(async (path) => {
      const own = await ownIdentity();
      await leave(path, own);
      assertEquals(await taken(path, 700), undefined, "the same start is alive");
      await Deno.remove(path, { recursive: true });
      await leave(path, { ...own, start: `${Number(own.start) - 1}` });
      const milliseconds = await taken(path, 5_000) ?? Infinity;
      assert(milliseconds < 1_000, `${milliseconds} ms`);
    }),
});

Deno.test("a folder whose maker died before it could name itself is taken over after 2 s", () =>
  withLockPath(async (path) => {
    await Deno.mkdir(path);
    const milliseconds = await taken(path, 8_000) ?? Infinity;
    assert(milliseconds > 1_900 && milliseconds < 4_000, `${milliseconds} ms`);
    assertEquals(await names(path), []);
  }));
