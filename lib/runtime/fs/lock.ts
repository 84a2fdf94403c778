/**
 * A lock between processes: a folder, since on every system only one process can make it.
 *
 * A dead holder is recognised by its pid and start time, or else by a heartbeat that stopped. The lock
 * of a living one is broken only if its owner file stays the same for `HOLD_MS`, so it renews the lock
 * before it does what cannot be done twice. Waiters use a monotonic clock of their own: wall clocks jump.
 */

import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, rename, rm, rmdir, stat, utimes } from "node:fs/promises";
import type { Lock } from "../../client/environment.ts";
import { codeOf, unlessDenied } from "./errors.ts";
import { ownProcess } from "../globals.ts";
import {
  lifeOf,
  look,
  ownerFile,
  ownerText,
  ownIdentity,
  type ProcessIdentity,
  readOwner,
  renewOwner,
} from "./lock_owner.ts";
import { sleep } from "../clock.ts";
import { whileInUse } from "./retry_while_busy.ts";

/** A living holder may be broken this long after it renewed the lock: a refresh request takes 15 s at most. */
export const HOLD_MS = 20_000;

/**
 * How long a lock must stay as it is before it is stale, by what is known of its holder: `unknown` gives no
 * sign, and `none` is about to write its owner file, or died before it could.
 */
const PATIENCE_MS = { dead: 0, alive: HOLD_MS, unknown: 8_000, none: 2_000 };
/** The right to break a lock is itself taken away after this. */
const BREAKING_MS = 5_000;
/** A lock that cannot be removed for this long belongs to another user. */
const STUCK_MS = 10_000;
const HEARTBEAT_MS = 1_000;
const POLL_MS = 40;
const MOOT_TURNS = 3;

/** The codes of making or removing a folder while another process does the same. */
const CONTENDED = ["EEXIST", "ENOENT", "ENOTEMPTY", "EPERM", "EACCES", "EBUSY"];

const REMOVAL = { recursive: true, force: true, maxRetries: 3 };

/** Waits for the lock; undefined if `isMoot` before that. Fails if a stale lock cannot be removed. */
export async function takeLock(
  path: string,
  isMoot: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<Lock | undefined> {
  const staleLock = watchHolder(path);
  const isFreeOfBreakers = watchBreakers(path);
  const identity = await ownIdentity();
  for (let turn = 1;; turn++) {
    const lock = await whileInUse(() => make(path, identity));
    if (lock !== undefined) return lock;
    if (turn % MOOT_TURNS === 0 && await isMoot()) return undefined;
    const stale = await staleLock();
    if (stale !== undefined && stale.since > STUCK_MS) {
      throw new Error(`${path} was left behind and cannot be removed: remove it`);
    }
    if (stale !== undefined) await breakLock(path, stale.owner, isFreeOfBreakers);
    await sleep(POLL_MS * (0.5 + Math.random()));
  }
}

/** Makes a function that says for how many milliseconds it has been given the same mark. */
function sameFor(): (mark: unknown) => number {
  let last: unknown;
  let since = 0;
  return (mark) => {
    const now = performance.now();
    if (mark !== last) since = now;
    last = mark;
    return now - since;
  };
}

/**
 * Makes the lock, unless it is there. In one turn, so that a process which ends leaves no folder without
 * an owner.
 */
function make(path: string, identity: ProcessIdentity): Lock | undefined {
  const nonce = crypto.randomUUID();
  let isMade = false;
  try {
    mkdirSync(path, { mode: 0o700 });
    isMade = true;
    // A maker that was stopped in between finds another owner's file here, or no folder.
    writeFileSync(ownerFile(path), ownerText(identity, nonce, 0), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (isMade ? CONTENDED.includes(codeOf(error)) : codeOf(error) === "EEXIST") return undefined;
    if (isMade) rmSync(path, REMOVAL);
    throw error;
  }
  return held(path, identity, nonce);
}

/** Makes a function that returns the owner of a stale lock, and for how many milliseconds it has been stale. */
function watchHolder(path: string): () => Promise<{ owner?: string; since: number } | undefined> {
  const [sameOwner, sameBeat] = [sameFor(), sameFor()];
  return async () => {
    const seen = await look(path);
    const held = sameOwner(seen && `by ${seen.owner}`);
    const silent = sameBeat(seen && `${seen.beat} ${seen.owner}`);
    if (seen === undefined) return undefined;
    const identity = readOwner(seen.owner ?? "");
    const life = identity ? await lifeOf(identity) : "none";
    const since = (life === "unknown" ? silent : held) - PATIENCE_MS[life];
    return since < 0 ? undefined : { ...seen, since };
  };
}

/** The right to break a lock: inside of it, so that a new lock is never taken for the old. */
const breakingRight = (path: string) => `${path}/breaking`;

/** Breaks a stale lock, unless another process is at it. */
async function breakLock(
  path: string,
  owner: string | undefined,
  isFreeOfBreakers: () => Promise<boolean>,
): Promise<void> {
  const isRobber = await mkdir(breakingRight(path)).then(() => true, () => false);
  if (!isRobber) return void await isFreeOfBreakers();
  if ((await look(path))?.owner !== owner) return await rmdir(breakingRight(path)).catch(() => {});
  const aside = `${path}.${crypto.randomUUID()}`;
  if (!await rename(path, aside).then(() => true, () => false)) return;
  // Whoever was stopped before the rename may have moved a new lock.
  const isStale = (await look(aside))?.owner === owner;
  await (isStale ? rm(aside, REMOVAL) : rename(aside, path)).catch(() => {});
}

/** Makes a function that reports whether nobody has the right to break the lock. */
function watchBreakers(path: string): () => Promise<boolean> {
  const sameRight = sameFor();
  return async () => {
    const found = await stat(breakingRight(path)).catch(unlessDenied);
    const age = sameRight(found && `${found.ino} ${found.mtimeMs}`);
    if (found === undefined) return true;
    return age >= BREAKING_MS && await rmdir(breakingRight(path)).then(() => true, () => false);
  };
}

function held(path: string, identity: ProcessIdentity, nonce: string): Lock {
  const file = ownerFile(path);
  let renewals = 0;
  const isOwn = async () => (await look(path))?.owner?.includes(nonce) === true;
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => {});
  }, HEARTBEAT_MS);
  const removeAtExit = () => {
    try {
      // A folder without an owner is being removed.
      if (!existsSync(file)) rmdirSync(path);
      else if (readFileSync(file, "utf8").includes(nonce)) rmSync(path, REMOVAL);
    } catch {
      // The next process finds the owner dead.
    }
  };
  ownProcess().once("exit", removeAtExit);
  return {
    async renew() {
      const isFreeOfBreakers = watchBreakers(path);
      for (;;) {
        if (!renewOwner(file, nonce, ownerText(identity, nonce, ++renewals))) return false;
        // A breaker looks at the owner after it has made its folder, so one of the two sees the other.
        if (await isFreeOfBreakers()) return await isOwn();
        await sleep(POLL_MS);
      }
    },
    async release() {
      clearInterval(heartbeat);
      // What stays is removed by the next who wants the lock.
      if (await isOwn()) await rm(path, REMOVAL).catch(() => {});
      ownProcess().off("exit", removeAtExit);
    },
  };
}
