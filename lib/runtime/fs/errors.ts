/** Files that may be missing, and the codes of system errors. */

import { isPermissionDenied } from "../../client/net/permission_denied.ts";
import { isObject } from "../../kimi/util/json.ts";
import { denoApi } from "../globals.ts";

/** The code of a system error, such as `ENOENT`; "" if it has none. */
export function codeOf(error: unknown): string {
  return isObject(error) && typeof error.code === "string" ? error.code : "";
}

/** Reads a file; undefined if it does not exist. */
export async function read(path: string): Promise<string | undefined> {
  const { readFile } = await import("node:fs/promises");
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Makes a folder and those around it, for this user alone; it may exist. */
export async function makeFolders(path: string): Promise<void> {
  const { mkdir } = denoApi() ?? await import("node:fs/promises");
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/** To be passed to `catch`: takes an error for an absence, unless Deno denied access. */
export function unlessDenied(error: unknown): undefined {
  if (isPermissionDenied(error)) throw error;
  return undefined;
}
