/** What a check is, and what it returns. */

import type { Diagnosis } from "../diagnosis.ts";
import type { Online } from "../online.ts";

/** Something that is wrong, or useful to know. */
export interface Finding {
  /** A word that stays the same between versions. */
  readonly id: string;
  /** Only a problem counts for the exit code. */
  readonly severity: "problem" | "note";
  readonly what: string;
  /** What to do, in one line; empty for a note that asks for nothing. */
  readonly fix: string;
}

/** Everything that a check may look at. */
export interface DoctorContext extends Diagnosis {
  /** Undefined without `--online`. */
  readonly online: Online | undefined;
}

/** Looks for one kind of mistake. */
export type Check = (context: DoctorContext) => readonly Finding[];

/** Returns an array of one problem, for a check to return. */
export function problem(id: string, what: string, fix: string): readonly Finding[] {
  return [{ id, severity: "problem", what, fix }];
}

/** Returns an array of one note, for a check to return. */
export function note(id: string, what: string, fix = ""): readonly Finding[] {
  return [{ id, severity: "note", what, fix }];
}

/** Formats permission bits as `chmod` takes them. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

/** Finds a private file that other users may read or write. */
export function checkMode(id: string, path: string, mode: number | undefined): readonly Finding[] {
  if (mode === undefined || (mode & 0o077) === 0) return [];
  return problem(id, `${path} is open to other users (mode ${octal(mode)})`, `chmod 600 ${path}`);
}

/** Returns the fix for a file that cannot be read. */
export function fixUnreadable(code: string, path: string, otherwise = "move it away"): string {
  return code === "EACCES" || code === "EPERM" ? `as its owner: chmod 600 ${path}` : otherwise;
}
