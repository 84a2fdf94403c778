/**
 * What files and their errors say.
 *
 * @module
 */

import { isObject } from "../protocol/reader.ts";

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
 */
export async function readTextIfAny(path: string): Promise<string | undefined> {
  const { readFile } = await import("node:fs/promises");
  return await readFile(path, "utf8").catch(() => undefined);
}
