/** auth.json in a folder of its own. */

import { assert } from "@std/assert";
import type { SharedFile } from "../../../lib/client/environment.ts";
import { sharedAuthFile } from "../../../lib/runtime/fs/atomic_file.ts";
import { inFolder } from "../folder.ts";

/** What another program has stored. */
export const OLD = '{"other":{"type":"api"}}';

/** Runs a test with auth.json in a folder of its own. */
export function withFile(run: (file: SharedFile, folder: string) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => await run(await open(folder), folder));
}

/** Opens auth.json of a folder. */
export async function open(folder: string): Promise<SharedFile> {
  const file = await sharedAuthFile(folder);
  assert(file !== undefined);
  return file;
}

/** The names in a folder, in order. */
export async function names(folder: string): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}
