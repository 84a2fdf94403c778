/**
 * A lock between processes: a folder with one file, whose name says who holds it. Renames of this file renew
 * and break the lock. They need the old name: if two processes try that at once, only one succeeds.
 *
 * A dead holder is recognised by its pid and start time, or else by a heartbeat that stopped. The lock
 * of a living one is broken only if it was not renewed for `HOLD_MS`, so it renews the lock before it does
 * what cannot be done twice. Waiters measure by the monotonic clock: the wall clock may be set.
 */

import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { rename, rmdir, utimes } from "node:fs/promises";
import type { Lock } from "../../client/environment.ts";
import { codeOf } from "./errors.ts";
import { ownProcess } from "../globals.ts";
import { type Holder, holderName, lifeOf, look, ownHolder, readHolder } from "./lock_holder.ts";
import { sleep } from "../clock.ts";
import { whileInUse } from "./retry_while_busy.ts";

/** A living holder may be broken this long after it renewed the lock: a refresh request takes 20 s at most. */
export const HOLD_MS = 30_000;

/** How long a lock must stay as it is before it is stale, by what is known of its holder. */
const PATIENCE_MS = { dead: 0, alive: HOLD_MS, unknown: 8_000 };
/** The most that counts between two looks: the time in which this process was suspended does not. */
const LOOK_MS = 1_000;
/** A lock that cannot be removed for this long belongs to another user. */
const STUCK_MS = 10_000;
const HEARTBEAT_MS = 1_000;
const POLL_MS = 60;

/** The codes of making a folder that another process makes, or whose parts it removes. */
const CONTENDED = ["EEXIST", "ENOENT", "ENOTEMPTY", "ENOTDIR", "EPERM", "EACCES", "EBUSY"];

/** Waits for the lock; undefined if `isMoot` before that. Fails if a stale lock cannot be removed. */
export async function takeLock(
  path: string,
  isMoot: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<Lock | undefined> {
  const [staleName, stuckFor] = [watchLock(path), sameFor()];
  const holder = await ownHolder();
  const nonce = crypto.randomUUID();
  const name = holderName(holder, nonce, 0);
  for (;;) {
    if (await whileInUse(() => make(path, name))) return held(path, holder, nonce);
    if (await isMoot()) return undefined;
    const stale = await staleName();
    if (stuckFor(stale) > STUCK_MS && stale !== undefined) {
      throw new Error(`${path} was left behind and cannot be removed: remove it`);
    }
    if (stale !== undefined && await takeOver(path, stale, name)) return held(path, holder, nonce);
    await sleep(POLL_MS * (0.5 + Math.random()));
  }
}

/** Makes the lock with its file, unless it is there; in one turn, so that a process which ends leaves nothing. */
function make(path: string, name: string): boolean {
  if (existsSync(path)) return false;
  const folder = `${path}.${crypto.randomUUID()}`;
  // Another user may see who holds it.
  mkdirSync(folder);
  try {
    writeFileSync(`${folder}/${name}`, "");
    renameSync(folder, path);
    // A process that clears away what others left may have taken the file.
    return existsSync(`${path}/${name}`);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (CONTENDED.includes(codeOf(error))) return false;
    throw error;
  }
}

/** Makes a function that returns the name in a lock that is stale. */
function watchLock(path: string): () => Promise<string | undefined> {
  const [sameName, sameBeat] = [sameFor(), sameFor()];
  return async () => {
    const seen = await look(path);
    const held = sameName(seen && `by ${seen.name}`);
    const silent = sameBeat(seen && `${seen.beat} ${seen.name}`);
    if (seen === undefined) return undefined;
    const holder = readHolder(seen.name);
    // A folder without a file is being removed, or its holder died meanwhile.
    if (holder === undefined) return seen.name;
    const life = await lifeOf(holder);
    return (life === "unknown" ? silent : held) < PATIENCE_MS[life] ? undefined : seen.name;
  };
}

/** Makes a function that says for how many milliseconds it has been given the same mark. */
function sameFor(): (mark: unknown) => number {
  let [last, since, before]: [unknown, number, number] = [undefined, 0, 0];
  return (mark) => {
    const now = performance.now();
    since = mark === last ? since + Math.min(now - before, LOOK_MS) : 0;
    [last, before] = [mark, now];
    return since;
  };
}

/** Breaks a stale lock, and takes it in the same step; false if another process was faster, or nobody had it. */
async function takeOver(path: string, stale: string, name: string): Promise<boolean> {
  if (stale === "") return await rmdir(path).then(() => false, () => false);
  return await rename(`${path}/${stale}`, `${path}/${name}`).then(() => true, () => false);
}

function held(path: string, holder: Holder, nonce: string): Lock {
  let renewals = 0;
  const file = () => `${path}/${holderName(holder, nonce, renewals)}`;
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(file(), now, now).catch(() => {});
  }, HEARTBEAT_MS);
  const remove = () => {
    clearInterval(heartbeat);
    ownProcess().off("exit", remove);
    try {
      rmSync(file(), { force: true });
      rmdirSync(path);
    } catch {
      // Another process has broken it. What stays is removed by the next one that wants the lock.
    }
  };
  ownProcess().once("exit", remove);
  return {
    async renew() {
      const renewed = `${path}/${holderName(holder, nonce, renewals + 1)}`;
      try {
        await whileInUse(() => renameSync(file(), renewed));
      } catch (error) {
        if (codeOf(error) !== "ENOENT") throw error;
        // NFS may repeat a rename whose answer was lost.
        if (!existsSync(renewed)) return false;
      }
      renewals++;
      return true;
    },
    release: () => Promise.resolve(remove()),
  };
}
