/** A folder that is made on trial. */

import { denoApi } from "../globals.ts";
import { codeOf, makeFolders, unlessDenied } from "./errors.ts";

/** Makes a folder and those around it; the returned function removes those again that are empty. */
export async function makeFolder(path: string): Promise<() => Promise<void>> {
  const { rmdir } = await import("node:fs/promises");
  const missing = await missingFolders(path);
  await makeFolders(path);
  return async () => {
    for (const folder of missing) await rmdir(folder).catch(() => {});
  };
}

/** The folder and those around it that do not exist, innermost first. */
async function missingFolders(path: string): Promise<readonly string[]> {
  const { stat } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  const missing: string[] = [];
  for (let at = path; at === path || isOpenTo(at); at = dirname(at)) {
    const code = await stat(at).then(() => "", (error) => codeOf(unlessDenied(error) ?? error));
    if (code !== "ENOENT") break;
    missing.push(at);
  }
  return missing;
}

/** Deno would ask the user for the folders around the one that the command was given. */
function isOpenTo(path: string): boolean {
  const permissions = denoApi()?.permissions;
  if (permissions === undefined) return true;
  return (["read", "write"] as const).every((name) =>
    permissions.querySync({ name, path }).state === "granted"
  );
}
