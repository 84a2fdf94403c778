/**
 * What files and their errors say.
 *
 * @module
 */

import { isPermissionDenied } from "../../client/net/permission_denied.ts";
import { isObject } from "../../kimi/util/json.ts";
import { denoApi } from "../deno.ts";

/**
 * The code of a system error.
 *
 * @param error Anything that was thrown.
 * @returns Such as `ENOENT`, or "" where there is none.
 */
export function codeOf(error: unknown): string {
  return isObject(error) && typeof error.code === "string" ? error.code : "";
}

/**
 * Reads a file of the system that may not be there.
 *
 * @param path The file.
 * @returns Its text, or undefined where it cannot be read.
 * @throws {Error} Where Deno denied it.
 */
export async function readTextIfAny(path: string): Promise<string | undefined> {
  const { readFile } = await import("node:fs/promises");
  return await readFile(path, "utf8").catch(unlessDenied);
}

/**
 * Makes a folder, and those that it lies in, for this user alone.
 *
 * @param path The folder; it may be there.
 */
export async function makeFolders(path: string): Promise<void> {
  const { mkdir } = denoApi() ?? await import("node:fs/promises");
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/**
 * Takes an error for the absence of what was asked for, unless Deno denied the access: to be passed
 * to `catch`.
 *
 * @param error What was thrown.
 * @returns undefined.
 * @throws {Error} The error, where it is a denied permission.
 */
export function unlessDenied(error: unknown): undefined {
  if (isPermissionDenied(error)) throw error;
  return undefined;
}
