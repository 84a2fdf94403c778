/**
 * The file that keeps the account's models from one start to the next.
 *
 * @module
 */

import type { CacheFile } from "../auth/environment.ts";
import type { Variables } from "../protocol/switches.ts";
import { makeFolders, unlessDenied } from "./files.ts";
import { read, replace } from "./shared_file.ts";

/**
 * Opens the file where opencode would keep it.
 *
 * @param variables The environment.
 * @param home The user's home folder.
 * @returns The file, which need not exist.
 * @see https://www.npmjs.com/package/xdg-basedir, which opencode takes on every system
 */
export function modelsFile(variables: Variables, home: string): CacheFile {
  const folder = `${variables.XDG_CACHE_HOME || `${home}/.cache`}/opencode-kimi-full`;
  const path = `${folder}/models.json`;
  return { path, read: () => read(path), replace: (text) => replaceIn(folder, path, text) };
}

/** An empty folder that stands in its place goes; a file does not hinder the replacing. */
async function replaceIn(folder: string, path: string, text: string): Promise<void> {
  const { rmdir } = await import("node:fs/promises");
  await makeFolders(folder);
  await rmdir(path).catch(unlessDenied);
  await replace(path, text);
}
