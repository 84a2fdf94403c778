import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { dirname } from "@std/path";
import type { Lock } from "../../../lib/client/environment.ts";
import { takeLock } from "../../../lib/runtime/fs/lock.ts";
import { type Holder, holderName, ownHolder } from "../../../lib/runtime/fs/lock_holder.ts";
import { names as namesIn } from "./auth_file.ts";
import { runWorkers, waited, whileHeld, withLockPath } from "./processes.ts";
import { onSmallDisk } from "./small_disk.ts";

/** A folder as another holder has left it; returns the name of its file. */
async function leave(path: string, holder: Holder): Promise<string> {
  await Deno.mkdir(path);
  const name = holderName(holder, crypto.randomUUID(), 0);
  await Deno.writeTextFile(`${path}/${name}`, "");
  return name;
}

/** The name of the only file in a lock. */
function fileOf(path: string): string {
  const [name = "", ...others] = Array.from(Deno.readDirSync(path), ({ name }) => name);
  assertEquals(others, []);
  return name;
}

/** The names beside a lock, and its own. */
const names = (path: string) => namesIn(dirname(path));

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

Deno.test("a released lock leaves nothing behind, and can be taken again", () =>
  withLockPath(async (path) => {
    const lock = await must(takeLock(path));
    assertEquals([await lock.renew(), await names(path)], [true, ["it.lock"]]);
    await lock.release();
    assertEquals([await lock.renew(), await names(path)], [false, []]);
    assert((await waited(path, 500) ?? 500) < 500);
  }));

Deno.test("contract 9: release() does not reject if the lock cannot be removed: the refresh has succeeded", (t) =>
  withLockPath(async (path) => {
    const lock = await must(takeLock(path));
    await onSmallDisk(t, path, async () => await lock.release());
  }));

/** Fills a disk, and leaves room for so many files. */
async function fill(disk: string, files: number): Promise<void> {
  await Deno.writeTextFile(`${disk}/fill`, "");
  while (
    await Deno.writeTextFile(`${disk}/fill`, " ".repeat(4096), { append: true }).then(
      () => true,
      () => false,
    )
  );
  let made = 0;
  while (await Deno.writeTextFile(`${disk}/${made}`, "").then(() => true, () => false)) made++;
  for (let index = 1; index <= files; index++) await Deno.remove(`${disk}/${made - index}`);
}

for (const files of [0, 1]) {
  Deno.test(`takeLock() leaves nothing behind on a disk with room for ${files} of the lock's two files`, (t) =>
    withLockPath((path) =>
      onSmallDisk(t, dirname(path), async (disk) => {
        await fill(disk, files);
        const before = await names(`${disk}/it.lock`);
        const failed = await takeLock(`${disk}/it.lock`).catch((error: Error) => error.message);
        assertMatch(String(failed), /ENOSPC/);
        assertEquals(await names(`${disk}/it.lock`), before);
      })
    ));
}

Deno.test("a lock is taken, renewed and released on a disk without room for a byte", (t) =>
  withLockPath((path) =>
    onSmallDisk(t, dirname(path), async (disk) => {
      await fill(disk, 2);
      const before = await names(`${disk}/it.lock`);
      const lock = await must(takeLock(`${disk}/it.lock`));
      assertEquals(await lock.renew(), true);
      await lock.release();
      assertEquals(await names(`${disk}/it.lock`), before);
    })
  ));

Deno.test("contract 9: a process that judged a lock stale cannot break it once its holder has renewed it", () =>
  withLockPath(async (path) => {
    const lock = await must(takeLock(path));
    const judged = fileOf(path);
    assertEquals(await lock.renew(), true);
    const renewed = fileOf(path);
    assert(renewed !== judged, renewed);
    const broken = Deno.rename(`${path}/${judged}`, `${path}/another`);
    await assertRejects(() => broken, Deno.errors.NotFound);
    assertEquals([await lock.renew(), (await names(path)).length], [true, 1]);
    await lock.release();
  }));

Deno.test("renew() returns false and release() does nothing if another process has taken the lock over", () =>
  withLockPath(async (path) => {
    const lock = await must(takeLock(path));
    const other = holderName(await ownHolder(), crypto.randomUUID(), 0);
    await Deno.rename(`${path}/${fileOf(path)}`, `${path}/${other}`);
    assertEquals(await lock.renew(), false);
    await lock.release();
    assertEquals(fileOf(path), other);
  }));

Deno.test("a renewal that the system refuses fails with its reason", () =>
  withLockPath(async (path) => {
    const lock = await must(takeLock(path));
    await Deno.rename(path, `${path}.aside`);
    await Deno.writeTextFile(path, "");
    await assertRejects(() => lock.renew(), Error, "ENOTDIR");
    await Deno.remove(path);
    await Deno.rename(`${path}.aside`, path);
    await lock.release();
    assertEquals(await names(path), []);
  }));

Deno.test("takeLock() returns undefined once isMoot() holds, and the holder keeps the lock", () =>
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

Deno.test("takeLock() rejects with the error of isMoot()", () =>
  withLockPath(async (path) => {
    const lock = await must(takeLock(path));
    const failing = takeLock(path, () => Promise.reject(new RangeError("unreadable")));
    assertEquals(await failing.catch((error) => error.message), "unreadable");
    await lock.release();
  }));

Deno.test("renew() returns false if the lock was removed, and release() leaves the new lock alone", () =>
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
      assertEquals(await waited(path, 300), undefined, "held until then");
      await crash();
      const milliseconds = await waited(path, 12_000) ?? Infinity;
      assert(milliseconds < (Deno.build.os === "linux" ? 1_500 : 10_000), `${milliseconds} ms`);
      assertEquals(await names(path), []);
    })
  ));

Deno.test("a process that ends leaves no lock of its own behind, and another's alone", () =>
  withLockPath(async (path) => {
    assertEquals(await runWorkers([["exit", path]]), ["0 "]);
    assertEquals(await names(path), []);
    const other = holderName(await ownHolder(), crypto.randomUUID(), 0);
    assertEquals(await runWorkers([["exit", path, other]]), ["0 "]);
    assertEquals(fileOf(path), other);
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
    await leave(path, { ...await ownHolder(), start: "1" });
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
  name: "contract 9: a dead holder's lock is broken even if another process has its pid now",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withLockPath(async (path) => {
      const own = await ownHolder();
      await leave(path, own);
      assertEquals(await waited(path, 700), undefined, "the same start is alive");
      await Deno.remove(path, { recursive: true });
      await leave(path, { ...own, start: `${Number(own.start) - 1}` });
      const milliseconds = await waited(path, 5_000) ?? Infinity;
      assert(milliseconds < 1_000, `${milliseconds} ms`);
    }),
});

Deno.test("an empty folder in the place of the lock is removed", () =>
  withLockPath(async (path) => {
    await Deno.mkdir(path);
    assert((await waited(path, 8_000) ?? Infinity) < 1_000);
    assertEquals(await names(path), []);
  }));
