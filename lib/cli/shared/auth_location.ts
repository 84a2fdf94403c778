/**
 * Where a command finds, or makes, opencode's auth.json.
 *
 * @module
 */

import { basename, dirname } from "node:path";
import type { SharedFile } from "../../client/environment.ts";
import { fileProblem } from "../../client/auth_json/errors.ts";
import { makeFolder } from "../../runtime/fs/make_folder.ts";
import { unlessDenied } from "../../runtime/fs/errors.ts";
import { sharedFile, targetOf } from "../../runtime/fs/atomic_file.ts";
import { UsageError } from "./command.ts";
import { requestFolder } from "./deno_permissions.ts";
import type { Terminal } from "./terminal.ts";

/** A file and its folder. */
export interface AuthPlace {
  /** The file; neither it nor its folder need be there. */
  readonly file: SharedFile;
  /**
   * Makes the folder if it is missing.
   *
   * @returns A function that takes that back, as far as the folder is empty.
   */
  readonly prepare: () => Promise<() => Promise<void>>;
}

/**
 * opencode's own place.
 *
 * @param directory Folder of opencode's data.
 * @returns The place.
 */
export function opencodePlace(directory: string): AuthPlace {
  const file = sharedFile(directory, "auth.json");
  const prepare = () =>
    makeFolder(directory).catch((cause: unknown) => {
      throw fileProblem(file, "written", cause);
    });
  return { file, prepare };
}

/**
 * A place that the user names. Its folder is not made: a mistyped path would become one.
 *
 * @param path The file.
 * @returns The place.
 * @throws {UsageError} Where none is named.
 */
export function namedPlace(path: string): AuthPlace {
  if (path === "") throw new UsageError(NO_FILE);
  const file = sharedFile(dirname(path), basename(path));
  return { file, prepare: () => Promise.resolve(() => Promise.resolve()) };
}

const NO_FILE = "--auth-file must name a file";

/**
 * Makes sure that what the user names is no folder, which nobody should be told to move away.
 *
 * @param path What is named.
 * @throws {UsageError} Where it is one.
 */
export async function assertNoFolder(path: string): Promise<void> {
  const { stat } = await import("node:fs/promises");
  const entry = await stat(path).catch(unlessDenied);
  if (entry?.isDirectory()) throw new UsageError(`${NO_FILE}, and ${path} is a folder`);
}

/**
 * Has Deno ask for the folder of auth.json, and for the one that a link in its place leads to.
 *
 * @param path Path of auth.json.
 * @param why What it is wanted for, to be read behind "to".
 * @param terminal Where to say so.
 * @throws {Error} Where it is denied.
 */
export async function requestAuthFolders(
  path: string,
  why: string,
  terminal: Terminal,
): Promise<void> {
  await requestFolder(dirname(path), why, terminal);
  const target = await targetOf(path);
  if (target !== path) await requestFolder(dirname(target), why, terminal);
}
