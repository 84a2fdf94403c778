/**
 * A lock between processes: a folder, since on every system only one process can make it.
 *
 * A dead holder is recognised by its pid and start time, or else by a heartbeat that stopped. The lock
 * of a living one is broken only if its owner file stays the same for `HOLD_MS`, so it renews the lock
 * before it does what cannot be done twice. Waiters use a monotonic clock of their own: wall clocks jump.
 */

import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import type { Lock } from "../../client/environment.ts";
import { codeOf, unlessDenied } from "./errors.ts";
import { ownProcess } from "../globals.ts";
import {
  lifeOf,
  type LockOwner,
  look,
  ownerFile,
  ownerText,
  ownIdentity,
  readOwner,
  renewOwner,
  type Sighting,
} from "./lock_owner.ts";
import { sleep } from "../clock.ts";
import { whileInUse } from "./retry_while_busy.ts";

/** A living holder may be broken this long after it renewed the lock: a refresh request takes 15 s at most. */
export const HOLD_MS = 20_000;

/** A holder that cannot be judged, and gives no sign for this long, counts as dead. */
const SILENCE_MS = 8_000;

/** A folder without an owner: its maker is about to write, or died before it could. */
const OWNERLESS_MS = 2_000;

/** The right to break a lock is a folder of this name in it, and is itself taken away after a while. */
const BREAKING = "breaking";
const BREAKING_MS = 5_000;

/** A folder that cannot be removed for this long belongs to another user. */
const STUCK_MS = 10_000;

const HEARTBEAT_MS = 1_000;
const POLL_MS = 40;
const MOOT_TURNS = 3;

/** The codes of making or removing a folder while another process does the same. */
const CONTENDED = ["EEXIST", "ENOENT", "ENOTEMPTY", "EPERM", "EACCES", "EBUSY"];

/** Waits for the lock; undefined if `isMoot` before that. Fails if a stale lock cannot be removed. */
export async function takeLock(
  path: string,
  isMoot: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<Lock | undefined> {
  const nonce = crypto.randomUUID();
  const staleLock = watchHolder(path);
  const breakLock = lockBreaker(path);
  let staleSince: number | undefined;
  for (let turn = 1;; turn++) {
    const owner = { ...await ownIdentity(), nonce };
    const stay = await make(path, owner);
    if (stay !== undefined) return held(path, owner, stay);
    if (turn % MOOT_TURNS === 0 && await isMoot()) return undefined;
    const stale = await staleLock();
    if (stale === undefined) {
      staleSince = undefined;
      await sleep(POLL_MS * (0.5 + Math.random()));
      continue;
    }
    staleSince ??= performance.now();
    if (performance.now() - staleSince > STUCK_MS) {
      throw new Error(`${path} was left behind and cannot be removed: remove it`);
    }
    await breakLock(stale);
  }
}

/** Returns, if the lock was made, a function after which the end of the process leaves it alone. */
async function make(path: string, owner: LockOwner): Promise<(() => void) | undefined> {
  try {
    return await whileInUse(() => new Promise((resolve) => resolve(makeNow(path, owner))));
  } catch (error) {
    if (codeOf(error) === "EEXIST") return undefined;
    throw error;
  }
}

/** In one turn, so that a process which ends leaves no folder without an owner. */
function makeNow(path: string, owner: LockOwner): (() => void) | undefined {
  mkdirSync(path, { mode: 0o700 });
  try {
    // A maker that was stopped in between finds another owner's file here, or no folder.
    writeFileSync(ownerFile(path), ownerText(owner, 0), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (CONTENDED.includes(codeOf(error))) return undefined;
    rmSync(path, { recursive: true, force: true });
    throw error;
  }
  return removeAtExit(path, owner.nonce);
}

/** Makes a function that returns what was seen of the lock once it is stale, else undefined. */
function watchHolder(path: string): () => Promise<Sighting | undefined> {
  let last: Sighting | undefined;
  let since = 0;
  let beatSince = 0;
  return async () => {
    const seen = await look(path);
    const now = performance.now();
    if (seen === undefined || last === undefined || seen.owner !== last.owner) {
      since = beatSince = now;
    } else if (seen.beat !== last.beat) beatSince = now;
    last = seen;
    if (seen === undefined) return undefined;
    const identity = seen.owner === undefined ? undefined : readOwner(seen.owner);
    if (identity === undefined) return now - since > OWNERLESS_MS ? seen : undefined;
    const life = await lifeOf(identity);
    if (life === "dead") return seen;
    const isOver = life === "alive" ? now - since > HOLD_MS : now - beatSince > SILENCE_MS;
    return isOver ? seen : undefined;
  };
}

/** The right is inside of the lock, so that a new lock is never taken for the old. */
function lockBreaker(path: string): (stale: Sighting) => Promise<void> {
  const right = `${path}/${BREAKING}`;
  const removeOldRight = watchBreaking(path);
  return async ({ owner }) => {
    const { mkdir, rename, rm, rmdir } = await import("node:fs/promises");
    try {
      await mkdir(right);
    } catch {
      await removeOldRight();
      return await sleep(POLL_MS);
    }
    if ((await look(path))?.owner !== owner) return await rmdir(right).catch(() => {});
    const aside = `${path}.${crypto.randomUUID()}`;
    try {
      await rename(path, aside);
    } catch {
      return await sleep(POLL_MS);
    }
    // Whoever was stopped before the rename may have moved a new lock.
    if ((await look(aside))?.owner === owner) {
      await rm(aside, { recursive: true, force: true }).catch(() => {});
    } else await rename(aside, path).catch(() => {});
  };
}

/** Makes a function that reports whether nobody has the right to break the lock. */
function watchBreaking(path: string): () => Promise<boolean> {
  let seen: string | undefined;
  let since = 0;
  return async () => {
    const { rmdir, stat } = await import("node:fs/promises");
    const right = `${path}/${BREAKING}`;
    const found = await stat(right).catch(unlessDenied);
    const mark = found && `${found.ino} ${found.mtimeMs}`;
    if (mark === undefined || mark !== seen) {
      seen = mark;
      since = performance.now();
      return mark === undefined;
    }
    if (performance.now() - since < BREAKING_MS) return false;
    return await rmdir(right).then(() => true, () => false);
  };
}

/** Removes the lock if the process ends meanwhile; a folder without an owner is being removed. */
function removeAtExit(path: string, nonce: string): () => void {
  const remove = () => {
    try {
      const owner = ownerNow(path);
      if (owner === undefined) rmdirSync(path);
      else if (readOwner(owner)?.nonce === nonce) rmSync(path, { recursive: true, force: true });
    } catch {
      // The next process finds the owner dead.
    }
  };
  ownProcess().once("exit", remove);
  return () => void ownProcess().off("exit", remove);
}

function ownerNow(path: string): string | undefined {
  try {
    return readFileSync(ownerFile(path), "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function held(path: string, owner: LockOwner, stay: () => void): Lock {
  let renewals = 0;
  const isOwn = async () => {
    const seen = await look(path);
    return seen?.owner !== undefined && readOwner(seen.owner)?.nonce === owner.nonce;
  };
  const heartbeat = setInterval(() => void beat(path), HEARTBEAT_MS);
  return {
    async renew() {
      const isFreeOfBreakers = watchBreaking(path);
      for (;;) {
        if (!renewOwner(ownerFile(path), owner, ++renewals)) return false;
        // A breaker looks at the owner after it has made its folder, so one of the two sees the other.
        if (await isFreeOfBreakers()) return await isOwn();
        await sleep(POLL_MS);
      }
    },
    async release() {
      clearInterval(heartbeat);
      if (await isOwn()) {
        const { rm } = await import("node:fs/promises");
        // What stays is removed by the next who wants the lock.
        await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
      }
      stay();
    },
  };
}

async function beat(path: string): Promise<void> {
  const { utimes } = await import("node:fs/promises");
  const now = new Date();
  await utimes(ownerFile(path), now, now).catch(() => {});
}
