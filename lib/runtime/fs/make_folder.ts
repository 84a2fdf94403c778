/**
 * A folder that is made on trial.
 *
 * @module
 */

import { denoApi } from "../deno.ts";
import { codeOf, makeFolders, unlessDenied } from "./errors.ts";

/**
 * Makes a folder, and those that it lies in, for this user alone.
 *
 * @param path The folder.
 * @returns A function that removes again what was made, as far as it is empty.
 * @throws {Error} Where it cannot be made.
 * @see https://specifications.freedesktop.org/basedir-spec: "created with permission 0700"
 */
export async function makeFolder(path: string): Promise<() => Promise<void>> {
  const { rmdir } = await import("node:fs/promises");
  const missing = await missingFolders(path);
  await makeFolders(path);
  return async () => {
    for (const folder of missing) await rmdir(folder).catch(() => {});
  };
}

/** @returns The folder and those around it that are not there, innermost first. */
async function missingFolders(path: string): Promise<readonly string[]> {
  const { stat } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  const missing: string[] = [];
  for (let at = path; at === path || isOpenTo(at); at = dirname(at)) {
    const code = await stat(at).then(() => "", codeOrDenial);
    if (code !== "ENOENT") break;
    missing.push(at);
  }
  return missing;
}

function codeOrDenial(error: unknown): string {
  return codeOf(unlessDenied(error) ?? error);
}

/** Deno would ask the user for the folders around the one that the command was given. */
function isOpenTo(path: string): boolean {
  const permissions = denoApi()?.permissions;
  if (permissions === undefined) return true;
  return (["read", "write"] as const).every((name) =>
    permissions.querySync({ name, path }).state === "granted"
  );
}
