/** What is wrong with a file that keeps a login, by the code of the system's error. */

import { isObject, printable } from "../util/json.ts";
import { KimiError, messageOf } from "./kimi_error.ts";

const RIGHTS = "give your user the right to read and write the file and its folder";

/** What to do, by the code of the system's error. */
const FIXES: Readonly<Record<string, string>> = {
  EACCES: RIGHTS,
  EPERM: RIGHTS,
  EISDIR: "a folder is in its place: move it away",
  ENOTDIR: "a file is in the place of its folder: move it away",
  ENOENT: "its folder is not there: make it",
  ENOSPC: "the disk is full: make room",
  EDQUOT: "your quota of the disk is used up: make room",
  EROFS: "the disk is read-only: mount it for writing, or name another file by --auth-file",
  ELOOP: "the link leads to itself: remove it",
};

/** What of a file that keeps a login failed. */
export type FileStep = "read" | "written" | "kept";

/** The error of a file that cannot be used, with the fix; nothing was overwritten. */
export function fileProblem(path: string, step: FileStep, cause: unknown): KimiError {
  const code = isObject(cause) && typeof cause.code === "string" ? cause.code : "";
  const fix = FIXES[code];
  const why = fix === undefined ? `: ${printable(messageOf(cause))}` : ` (${code}): ${fix}`;
  // A refresh spends the token: a login that could not be kept would be lost with the process.
  const what = step === "kept"
    ? `The login is not refreshed, since it could not be kept in ${path}`
    : `${path} cannot be ${step}`;
  return new KimiError("not_stored", what + why, { cause });
}
