/**
 * The file that keeps the account's models from one start to the next.
 *
 * @module
 */

import type { CacheFile } from "../../client/environment.ts";
import type { Variables } from "../../kimi/chat/env_settings.ts";
import { makeFolders, unlessDenied } from "./errors.ts";
import { read, replace } from "./atomic_file.ts";
import { xdgFolder } from "./xdg.ts";

/** What {@linkcode modelsFile} writes is never nearly as long. */
const MAX_BYTES = 4_000_000;

/**
 * Opens the file where opencode would keep it.
 *
 * @param variables The environment.
 * @param home The user's home folder.
 * @returns The file, which need not exist.
 * @see https://www.npmjs.com/package/xdg-basedir, which opencode takes on every system
 */
export function modelsFile(variables: Variables, home: string): CacheFile {
  const folder = `${xdgFolder("cache", variables, home)}/opencode-kimi-full`;
  const path = `${folder}/models.json`;
  return { path, read: () => readFrom(path), replace: (text) => replaceIn(folder, path, text) };
}

/** A pipe in its place would never end, and opencode waits for what is read. */
async function readFrom(path: string): Promise<string | undefined> {
  const { stat } = await import("node:fs/promises");
  const found = await stat(path).catch(unlessDenied);
  if (found !== undefined && !found.isFile() && !found.isDirectory()) {
    throw new Error("it is neither a file nor a folder");
  }
  if ((found?.size ?? 0) > MAX_BYTES) throw new Error("it is larger than 4 MB");
  return await read(path);
}

/** An empty folder that stands in its place goes; a file does not hinder the replacing. */
async function replaceIn(folder: string, path: string, text: string): Promise<void> {
  const { rmdir } = await import("node:fs/promises");
  await makeFolders(folder);
  await rmdir(path).catch(unlessDenied);
  await replace(path, text);
}
