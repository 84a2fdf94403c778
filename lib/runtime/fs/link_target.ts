/** The file that a path stands for. */

import { readlink, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { unlessDenied } from "./errors.ts";

/** Follows a link in place of the file, dangling or not; Deno allows its folders as they are written. */
export async function targetOf(path: string): Promise<string> {
  const link = await readlink(path).catch(unlessDenied);
  if (link === undefined) return path;
  return await realpath(path).catch(unlessDenied) ?? resolve(dirname(path), link);
}
