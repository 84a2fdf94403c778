/** A file that several processes read and replace, on `node:fs`: opencode's auth.json. */

import { existsSync, readFileSync, renameSync, statSync } from "node:fs";
import { open, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { SharedFile } from "../../client/environment.ts";
import { codeOf, read, unlessDenied } from "./errors.ts";
import { targetOf } from "./link_target.ts";
import { takeLock } from "./lock.ts";
import { overwrite } from "./overwrite.ts";
import { whileInUse } from "./retry_while_busy.ts";

/** Name of the lock beside auth.json. */
export const LOCK_NAME = "kimi-for-coding-oauth.lock";

/** Room that a refreshed entry may take in addition. */
const SPARE_BYTES = 16_384;
/** The codes of a rename onto a file that is mounted by itself, or onto another user's in a sticky folder. */
const UNMOVABLE = ["EBUSY", "EPERM", "EXDEV"];
/** Two writes within this time may have the same time stamps. */
const STEADY_MS = 1_000;

/** Opens auth.json, which need not exist; undefined if its folder does not. Fails if Deno denies the folder. */
export async function sharedAuthFile(directory: string): Promise<SharedFile | undefined> {
  const folder = await stat(directory).catch(unlessDenied);
  return folder?.isDirectory() ? sharedFile(`${directory}/auth.json`) : undefined;
}

/** Opens a file, which need not exist. Its lock is in the same folder, or that of its target if it is a link. */
export function sharedFile(path: string): SharedFile {
  return {
    path,
    version: versionReader(path),
    read: () => read(path),
    replace: async (text, over) => await replace(await targetOf(path), text, over),
    assertWritable: async () => await assertWritable(await targetOf(path)),
    async lock(isMoot) {
      const target = await targetOf(path);
      const lock = await takeLock(`${dirname(target)}/${LOCK_NAME}`, isMoot);
      if (lock !== undefined) await removeLeftOvers(target);
      return lock;
    },
  };
}

const LEFT_OVER = /^(.+)\.[0-9a-f-]{36}(\.tmp)?$/;

/** Removes files of holders that were killed: only the holder of the lock writes here. */
async function removeLeftOvers(path: string): Promise<void> {
  const folder = dirname(path);
  for (const found of await readdir(folder).catch(() => [])) {
    const [, name, ending] = LEFT_OVER.exec(found) ?? [];
    if (name !== (ending ? basename(path) : LOCK_NAME)) continue;
    await rm(`${folder}/${found}`, { recursive: true, force: true }).catch(() => {});
  }
}

/** Makes a function that tells the version of a file by its `stat`; undefined if another write may have the same. */
export function versionReader(
  path: string,
  clock: () => number = () => performance.now(),
): () => string | undefined {
  let version: string | undefined;
  let since = 0;
  return () => {
    const now = clock();
    try {
      const { mtimeMs, ctimeMs, size, ino } = statSync(path);
      const seen = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      if (seen !== version) [version, since] = [seen, now];
    } catch {
      // Reading the file fails with the reason.
      version = undefined;
    }
    return now - since > STEADY_MS ? version : undefined;
  };
}

/** Replaces a whole file, for this user alone; false if it does not hold the text of `over`. */
async function replace(
  path: string,
  text: string,
  over?: { readonly text: string | undefined },
): Promise<boolean> {
  return await withTemporary(path, text, async (temporary) => {
    // In one turn with the look: opencode may have written while the disk was slow.
    const put = (write: () => void): boolean => {
      const isAsRead = over === undefined || holds(path, over);
      if (isAsRead) write();
      return isAsRead;
    };
    try {
      return await whileInUse(() => put(() => renameSync(temporary, path)));
    } catch (error) {
      if (!UNMOVABLE.includes(codeOf(error))) throw error;
      return put(() => overwrite(path, text));
    }
  });
}

/** An empty file counts as none. */
function holds(path: string, { text = "" }: { readonly text: string | undefined }): boolean {
  const now = existsSync(path) ? readFileSync(path, "utf8") : "";
  return now === text || (now.trim() === "" && text.trim() === "");
}

async function assertWritable(path: string): Promise<void> {
  const existing = await stat(path).catch(unlessDenied);
  // opencode writes into the file itself, which must allow it.
  if (existing !== undefined) await (await open(path, "r+")).close();
  const text = " ".repeat((existing?.size ?? 0) + SPARE_BYTES);
  await withTemporary(path, text, () => Promise.resolve());
}

/** Writes a file beside another one, so that it is on the disk, and removes what `use` leaves of it. */
async function withTemporary<T>(
  path: string,
  text: string,
  use: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    // Root leaves the file to its owner; by its handle, since a path can be changed meanwhile.
    const owned = stat(path).then(({ uid, gid }) => file.chown(uid, gid)).catch(() => {});
    await owned.then(() => file.writeFile(text)).then(() => file.sync()).finally(() =>
      file.close()
    );
    return await use(temporary);
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}
