/** A file that several processes read and replace, on `node:fs`. */

import { existsSync, readFileSync, renameSync, statSync } from "node:fs";
import type { SharedFile } from "../../client/environment.ts";
import type { Variables } from "../../kimi/chat/env_settings.ts";
import { read, unlessDenied } from "./errors.ts";
import { takeLock } from "./lock.ts";
import { whileInUse } from "./retry_while_busy.ts";
import { xdgFolder } from "./xdg.ts";

/** Name of the lock beside auth.json. */
export const LOCK_NAME = "kimi-for-coding-oauth.lock";

/** Room that a refreshed entry may take in addition. */
const SPARE_BYTES = 16_384;

/** The folder of opencode's data. */
export function opencodeDataDirectory(variables: Variables, home: string): string {
  return `${xdgFolder("data", variables, home)}/opencode`;
}

/** Opens auth.json, which need not exist; undefined if its folder does not. Fails if Deno denies the folder. */
export async function sharedAuthFile(directory: string): Promise<SharedFile | undefined> {
  const { stat } = await import("node:fs/promises");
  const folder = await stat(directory).catch(unlessDenied);
  return folder?.isDirectory() ? sharedFile(directory, "auth.json") : undefined;
}

/** Opens a file of a folder, which need not exist. Its lock is in the same folder. */
export function sharedFile(directory: string, name: string): SharedFile {
  const path = `${directory}/${name}`;
  return {
    path,
    read: cachedReader(path),
    replace: async (text, over) => await replace(await targetOf(path), text, over),
    assertWritable: async () => await assertWritable(await targetOf(path)),
    async lock(isMoot) {
      const lock = await takeLock(`${directory}/${LOCK_NAME}`, isMoot);
      if (lock !== undefined) await removeLeftOvers(await targetOf(path));
      return lock;
    },
  };
}

/** Follows a link in place of the file, dangling or not; Deno allows its folders as they are written. */
export async function targetOf(path: string): Promise<string> {
  const { readlink, realpath } = await import("node:fs/promises");
  const link = await readlink(path).catch(unlessDenied);
  if (link === undefined) return path;
  const { dirname, resolve } = await import("node:path");
  return await realpath(path).catch(unlessDenied) ?? resolve(dirname(path), link);
}

/** Removes files of holders that were killed: only the holder of the lock writes here. */
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

/** Two writes within this time may have the same time stamps. */
const STEADY_MS = 1_000;

/** Makes a function that reads a file, or only its `stat` while that stays the same. */
export function cachedReader(
  path: string,
  readText: typeof read = read,
  clock: () => number = () => performance.now(),
): () => Promise<string | undefined> {
  let version: string | undefined;
  let since = 0;
  let steady: { readonly text: string | undefined } | undefined;
  return async () => {
    const now = clock();
    const seen = versionOf(path);
    if (seen === undefined || seen !== version) {
      version = seen;
      since = now;
      steady = undefined;
    }
    if (steady !== undefined) return steady.text;
    const text = await readText(path);
    if (now - since > STEADY_MS && version === seen) steady = { text };
    return text;
  };
}

/** Undefined if there is no access; reading the file then fails with the reason. */
function versionOf(path: string): string | undefined {
  try {
    const { mtimeMs, ctimeMs, size, ino } = statSync(path);
    return [mtimeMs, ctimeMs, size, ino].join(" ");
  } catch {
    return undefined;
  }
}

/** Replaces a whole file, for this user alone; false if it does not hold the text of `over`. */
export async function replace(
  path: string,
  text: string,
  over?: { readonly text: string | undefined },
): Promise<boolean> {
  const { rm } = await import("node:fs/promises");
  const temporary = temporaryPath(path);
  try {
    await writeDurably(temporary, text);
    // In one turn with the look: opencode may have written while the disk was slow.
    const rename = () => {
      if (over !== undefined && !holds(path, over)) return false;
      renameSync(temporary, path);
      return true;
    };
    return await whileInUse(() => new Promise<boolean>((resolve) => resolve(rename())));
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/** An empty file counts as none. */
function holds(path: string, { text = "" }: { readonly text: string | undefined }): boolean {
  const now = existsSync(path) ? readFileSync(path, "utf8") : "";
  return now === text || (now.trim() === "" && text.trim() === "");
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
