/**
 * A file that several processes read and replace, on `node:fs`.
 *
 * @module
 */

import type { SharedFile } from "../../client/environment.ts";
import type { Variables } from "../../kimi/chat/env_settings.ts";
import { codeOf, unlessDenied } from "./errors.ts";
import { takeLock } from "./lock.ts";
import { whileInUse } from "./retry_while_busy.ts";
import { xdgFolder } from "./xdg.ts";

/** Name of the lock beside auth.json. */
export const LOCK_NAME = "kimi-for-coding-oauth.lock";

/** Room that a refreshed entry may take in addition. */
const SPARE_BYTES = 16_384;

/**
 * Finds opencode's auth.json as opencode finds it.
 *
 * @param variables The environment.
 * @param home The user's home folder.
 * @returns Folder of opencode's data.
 * @see https://www.npmjs.com/package/xdg-basedir, which opencode takes on every system
 */
export function opencodeDataDirectory(variables: Variables, home: string): string {
  return `${xdgFolder("data", variables, home)}/opencode`;
}

/**
 * Opens auth.json in a folder.
 *
 * @param directory The folder.
 * @returns The file, which need not exist, or undefined where the folder does not.
 * @throws {Error} Where Deno denied the access to the folder.
 */
export async function sharedAuthFile(directory: string): Promise<SharedFile | undefined> {
  const { stat } = await import("node:fs/promises");
  const folder = await stat(directory).catch(unlessDenied);
  return folder?.isDirectory() ? sharedFile(directory, "auth.json") : undefined;
}

/**
 * Opens a file that is in the place of auth.json.
 *
 * @param directory The folder that it lies in, and its lock.
 * @param name Its name.
 * @returns The file, which need not exist.
 */
export function sharedFile(directory: string, name: string): SharedFile {
  const path = `${directory}/${name}`;
  return {
    path,
    read: () => read(path),
    replace: async (text) => await replace(await targetOf(path), text),
    assertWritable: async () => await assertWritable(await targetOf(path)),
    async lock(isMoot) {
      const lock = await takeLock(`${directory}/${LOCK_NAME}`, isMoot);
      if (lock !== undefined) await removeLeftOvers(await targetOf(path));
      return lock;
    },
  };
}

/**
 * Finds what is replaced: a link stays one, whether there is something at its end or not. Links among
 * the folders that it lies in are left alone, since Deno allows paths as they are written.
 *
 * @param path The file.
 * @returns The file, or where the link in its place leads.
 * @throws {Error} Where Deno denied the access.
 */
export async function targetOf(path: string): Promise<string> {
  const { readlink, realpath } = await import("node:fs/promises");
  const link = await readlink(path).catch(unlessDenied);
  if (link === undefined) return path;
  const { dirname, resolve } = await import("node:path");
  return await realpath(path).catch(unlessDenied) ?? resolve(dirname(path), link);
}

/** Only the holder of the lock writes here; what lies about is of one that was killed. */
async function removeLeftOvers(path: string): Promise<void> {
  const { readdir, rm } = await import("node:fs/promises");
  const { basename, dirname } = await import("node:path");
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const isLeftOver = (name: string) =>
    (name.startsWith(`${basename(path)}.`) && /\.[0-9a-f-]{36}\.tmp$/.test(name)) ||
    (name.startsWith(`${LOCK_NAME}.`) && /\.[0-9a-f-]{36}$/.test(name));
  const remove = (name: string) => rm(`${folder}/${name}`, { recursive: true, force: true });
  await Promise.all(names.filter(isLeftOver).map((name) => remove(name).catch(() => {})));
}

/**
 * Reads a file.
 *
 * @param path The file.
 * @returns Its text, or undefined where there is none.
 */
export async function read(path: string): Promise<string | undefined> {
  const { readFile } = await import("node:fs/promises");
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Replaces a file whole: what was there stays until the new text is on the disk.
 *
 * @param path The file.
 * @param text The text; for this user alone.
 */
export async function replace(path: string, text: string): Promise<void> {
  const { rename, rm } = await import("node:fs/promises");
  const temporary = temporaryPath(path);
  try {
    await writeDurably(temporary, text);
    await whileInUse(() => rename(temporary, path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function assertWritable(path: string): Promise<void> {
  const { open, rm, stat } = await import("node:fs/promises");
  const existing = await stat(path).catch(unlessDenied);
  // opencode writes into the file itself, which must allow it.
  if (existing !== undefined) await (await open(path, "r+")).close();
  const temporary = temporaryPath(path);
  try {
    await writeDurably(temporary, " ".repeat((existing?.size ?? 0) + SPARE_BYTES));
  } finally {
    await rm(temporary, { force: true });
  }
}

function temporaryPath(path: string): string {
  return `${path}.${crypto.randomUUID()}.tmp`;
}

async function writeDurably(path: string, text: string): Promise<void> {
  const { open } = await import("node:fs/promises");
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
