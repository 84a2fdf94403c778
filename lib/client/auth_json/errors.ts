/**
 * Why auth.json cannot be read or written, and what to do.
 *
 * @module
 */

import { KimiError, messageOf } from "../../kimi/errors/kimi_error.ts";
import { isObject } from "../../kimi/util/json.ts";
import type { SharedFile } from "../environment.ts";

/** What to do, by the code of the system's error. */
const CURES: Readonly<Record<string, string>> = {
  EACCES: "give your user the right to read and write the file and its folder",
  EPERM: "give your user the right to read and write the file and its folder",
  EISDIR: "a folder is in its place: move it away",
  ENOTDIR: "a file is in the place of its folder: move it away",
  ENOENT: "its folder is not there: make it",
  ENOSPC: "the disk is full: make room",
  EDQUOT: "your quota of the disk is used up: make room",
  EROFS: "the disk is read-only: mount it for writing, or name another file by --auth-file",
  ELOOP: "the link leads to itself: remove it",
};

/**
 * The error where auth.json cannot be used.
 *
 * @param file auth.json.
 * @param access What was tried.
 * @param cause What the system said.
 * @returns The error, with the cure; nothing was overwritten.
 */
export function fileProblem(
  { path }: Pick<SharedFile, "path">,
  access: "read" | "written",
  cause: unknown,
): KimiError {
  const code = isObject(cause) && typeof cause.code === "string" ? cause.code : "";
  const cure = CURES[code];
  const what = cure === undefined ? `: ${messageOf(cause)}` : ` (${code}): ${cure}`;
  return new KimiError("not_stored", `${path} cannot be ${access}${what}`, { cause });
}
