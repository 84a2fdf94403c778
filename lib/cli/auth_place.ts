/**
 * Where a command finds, or makes, opencode's auth.json.
 *
 * @module
 */

import { basename, dirname } from "node:path";
import type { SharedFile } from "../auth/environment.ts";
import { fileProblem } from "../auth/file_problem.ts";
import { makeFolder } from "../runtime/folder.ts";
import { sharedFile } from "../runtime/shared_file.ts";

/** A file and its folder. */
export interface AuthPlace {
  /** The folder. */
  readonly directory: string;
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
  return { directory, file, prepare };
}

/**
 * A place that the user names. Its folder is not made: a mistyped path would become one.
 *
 * @param path The file.
 * @returns The place.
 */
export function namedPlace(path: string): AuthPlace {
  const directory = dirname(path);
  const file = sharedFile(directory, basename(path));
  return { directory, file, prepare: () => Promise.resolve(() => Promise.resolve()) };
}
