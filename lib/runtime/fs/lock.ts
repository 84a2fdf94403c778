/**
 * A lock between processes: a folder, since on every system only one process can make it.
 *
 * A holder that died is told by its pid and start time, or, where these cannot be judged, by a
 * heartbeat that stopped. One that lives is robbed only when its time is over, and asks whether it
 * still holds the lock before it does what cannot be done twice.
 *
 * @module
 */

import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import type { Lock } from "../../client/environment.ts";
import { codeOf, unlessDenied } from "./errors.ts";
import { ownProcess } from "../process.ts";
import { lifeOf, ownIdentity, readIdentity } from "./process_identity.ts";
import { sleep } from "../timers.ts";
import { whileInUse } from "./retry_while_busy.ts";

/** A holder that lives may be robbed after this: 15 s are the request's, the rest is for slow files. */
export const HOLD_MS = 20_000;

/** A holder that cannot be judged, and gives no sign for this long, counts as dead. */
const SILENCE_MS = 8_000;

/** A folder without an owner: its maker is about to write, or died before it could. */
const OWNERLESS_MS = 2_000;

/** The right to rob is itself given up after this. */
const ROBBERY_MS = 5_000;

/** A folder that cannot be taken away for this long belongs to another user. */
const STUCK_MS = 10_000;

const HEARTBEAT_MS = 1_000;
const POLL_MS = 40;
const MOOT_TURNS = 3;

/** What making or removing a folder answers while another process does the same. */
const CONTENDED: ReadonlySet<string> = new Set([
  "EEXIST",
  "ENOENT",
  "ENOTEMPTY",
  "EPERM",
  "EACCES",
  "EBUSY",
]);

/**
 * Takes the lock, and waits for it if need be. Every holder's time is limited, so the wait is too.
 *
 * @param path The folder; the one it lies in must exist.
 * @param isMoot Asked during the wait, a few times a second.
 * @returns The lock, or undefined where it was moot before it could be had.
 * @throws {Error} Where a dead holder's folder cannot be removed.
 */
export async function takeLock(
  path: string,
  isMoot: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<Lock | undefined> {
  const nonce = crypto.randomUUID();
  const forfeited = holderWatch(path);
  let robbingSince: number | undefined;
  for (let turn = 1;; turn++) {
    const stay = await make(path, nonce);
    if (stay !== undefined) return held(path, nonce, stay);
    if (turn % MOOT_TURNS === 0 && await isMoot()) return undefined;
    const seen = await forfeited();
    if (seen === undefined) {
      robbingSince = undefined;
      await sleep(POLL_MS * (0.5 + Math.random()));
      continue;
    }
    robbingSince ??= performance.now();
    if (performance.now() - robbingSince > STUCK_MS) {
      throw new Error(`${path} was left behind and cannot be removed: remove it`);
    }
    await rob(path, seen);
  }
}

/** @returns Where the lock is made, a function after which the end of the process leaves it alone. */
async function make(path: string, nonce: string): Promise<(() => void) | undefined> {
  const owner = JSON.stringify({ ...await ownIdentity(), nonce });
  try {
    return await whileInUse(() => new Promise((resolve) => resolve(makeNow(path, owner, nonce))));
  } catch (error) {
    if (codeOf(error) === "EEXIST") return undefined;
    throw error;
  }
}

/** In one turn, so that a process which ends leaves no folder without an owner. */
function makeNow(path: string, owner: string, nonce: string): (() => void) | undefined {
  mkdirSync(path, { mode: 0o700 });
  try {
    // A maker that was stopped in between finds another owner's file here, or no folder.
    writeFileSync(ownerFile(path), owner, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (CONTENDED.has(codeOf(error))) return undefined;
    rmSync(path, { recursive: true, force: true });
    throw error;
  }
  return removeAtExit(path, nonce);
}

/** What a waiter saw of a holder: its owner file, or that there is none. */
interface Sighting {
  readonly owner: string | undefined;
  readonly beat: number;
}

async function look(path: string): Promise<Sighting | undefined> {
  const { lstat, readFile, stat } = await import("node:fs/promises");
  try {
    const file = ownerFile(path);
    const [owner, { mtimeMs }] = await Promise.all([readFile(file, "utf8"), stat(file)]);
    return { owner, beat: mtimeMs };
  } catch {
    const folder = await lstat(path).catch(unlessDenied);
    return folder === undefined ? undefined : { owner: undefined, beat: folder.mtimeMs };
  }
}

/**
 * Watches the holder by this process's own clock: those of two machines differ.
 *
 * @returns A function that gives what was seen once the lock may be taken away, else undefined.
 */
function holderWatch(path: string): () => Promise<Sighting | undefined> {
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
    const identity = seen.owner === undefined ? undefined : readIdentity(seen.owner);
    if (identity === undefined) return now - since > OWNERLESS_MS ? seen : undefined;
    const life = await lifeOf(identity);
    if (life === "dead") return seen;
    const isOver = life === "alive" ? now - since > HOLD_MS : now - beatSince > SILENCE_MS;
    return isOver ? seen : undefined;
  };
}

/** The right to rob lies inside of what is robbed, so that a new lock is never taken for the old. */
async function rob(path: string, { owner }: Sighting): Promise<void> {
  const { mkdir, rename, rm, rmdir, stat } = await import("node:fs/promises");
  const right = `${path}/robbery`;
  try {
    await mkdir(right);
  } catch {
    const { mtimeMs } = await stat(right).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > ROBBERY_MS) await rmdir(right).catch(() => {});
    else await sleep(POLL_MS);
    return;
  }
  if ((await look(path))?.owner !== owner) return await rmdir(right).catch(() => {});
  const aside = `${path}.${crypto.randomUUID()}`;
  await rename(path, aside)
    .then(() => rm(aside, { recursive: true, force: true }), () => sleep(POLL_MS));
}

/**
 * An opencode that has its answer ends, whatever else is under way. A folder without an owner is being
 * removed.
 */
function removeAtExit(path: string, nonce: string): () => void {
  const remove = () => {
    try {
      const owner = ownerNow(path);
      if (owner === undefined) rmdirSync(path);
      else if (readIdentity(owner)?.nonce === nonce) rmSync(path, { recursive: true, force: true });
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

function held(path: string, nonce: string, stay: () => void): Lock {
  const isHeld = async () => {
    const seen = await look(path);
    return seen?.owner !== undefined && readIdentity(seen.owner)?.nonce === nonce;
  };
  const heartbeat = setInterval(() => void beat(path), HEARTBEAT_MS);
  return {
    isHeld,
    async release() {
      clearInterval(heartbeat);
      if (await isHeld()) {
        const { rm } = await import("node:fs/promises");
        // What stays is taken away by the next who wants the lock.
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

function ownerFile(path: string): string {
  return `${path}/owner`;
}
