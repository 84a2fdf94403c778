/**
 * What doctor finds.
 *
 * @module
 */

/** Something that is wrong, or worth knowing. */
export interface Finding {
  /** A stable word. */
  readonly id: string;
  /** A problem counts for the exit code, a note does not. */
  readonly severity: "problem" | "note";
  /** What is wrong, without a final period. */
  readonly what: string;
  /** What to do, in one line; empty for a note that asks for nothing. */
  readonly cure: string;
}

/**
 * Something that is wrong.
 *
 * @param id A stable word.
 * @param what What is wrong.
 * @param cure What to do.
 * @returns A list of it alone.
 */
export function problem(id: string, what: string, cure: string): readonly Finding[] {
  return [{ id, severity: "problem", what, cure }];
}

/**
 * Something worth knowing.
 *
 * @param id A stable word.
 * @param what What it is.
 * @param cure What may be done, if anything.
 * @returns A list of it alone.
 */
export function note(id: string, what: string, cure = ""): readonly Finding[] {
  return [{ id, severity: "note", what, cure }];
}

/** Bits of a file's mode by which others than its owner may read or write it. */
const OTHERS = 0o077;

/**
 * Judges the mode of a file that is for its owner alone.
 *
 * @param id A stable word.
 * @param path The file.
 * @param mode Its permission bits, if they say something.
 * @returns The problem, if there is one.
 */
export function modeFinding(
  id: string,
  path: string,
  mode: number | undefined,
): readonly Finding[] {
  if (mode === undefined || (mode & OTHERS) === 0) return [];
  const octal = mode.toString(8).padStart(4, "0");
  return problem(id, `${path} is open to other users (mode ${octal})`, `chmod 600 ${path}`);
}

/**
 * What to do where a file cannot be read.
 *
 * @param code What the system said, or was seen.
 * @param path The file.
 * @param otherwise What to do where its mode is not the reason.
 * @returns The cure.
 */
export function unreadableCure(code: string, path: string, otherwise = "move it away"): string {
  return code === "EACCES" || code === "EPERM" ? `as its owner: chmod 600 ${path}` : otherwise;
}
