/**
 * What is seen at a path. A denied permission is never taken for a file that is not there.
 *
 * @module
 */

import process from "node:process";
import { codeOf } from "../../../runtime/fs/errors.ts";
import { denialOf } from "../../shared/deno_permissions.ts";

/** What was seen at a path. */
export type Sighting =
  | SeenFile
  | SeenFolder
  | { readonly state: "missing" }
  | { readonly state: "unreadable"; readonly code: string }
  | { readonly state: "denied"; readonly flag: string };

/** A file. */
export interface SeenFile {
  readonly state: "file";
  /** Its text; what is not UTF-8 is replaced. */
  readonly text: string;
  /** Whether it is UTF-8 throughout. */
  readonly isUtf8: boolean;
  /** Permission bits; undefined on Windows, where they say nothing. */
  readonly mode: number | undefined;
  /** When it was written last, in milliseconds since 1970. */
  readonly modified: number;
}

/** A folder. */
export interface SeenFolder {
  readonly state: "folder";
  /** What lies in it. */
  readonly names: readonly string[];
  /** Permission bits; undefined on Windows, where they say nothing. */
  readonly mode: number | undefined;
  /** When it was written last, in milliseconds since 1970. */
  readonly modified: number;
}

/** Looks at a path. */
export type Look = (path: string) => Promise<Sighting>;

/** What the system says of a path at which there is nothing. */
const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR"]);

/**
 * Looks at a path, and changes nothing there.
 *
 * @param path The path.
 * @returns What was seen.
 */
export async function lookAt(path: string): Promise<Sighting> {
  const { readFile, readdir, stat } = await import("node:fs/promises");
  try {
    const entry = await stat(path);
    const mode = process.platform === "win32" ? undefined : entry.mode & 0o777;
    const modified = entry.mtimeMs;
    if (entry.isDirectory()) {
      return { state: "folder", names: (await readdir(path)).sort(), mode, modified };
    }
    // A pipe would be waited for.
    if (!entry.isFile()) return { state: "unreadable", code: "no regular file" };
    return { state: "file", ...decoded(await readFile(path)), mode, modified };
  } catch (error) {
    const code = codeOf(error);
    if (ABSENT.has(code)) return { state: "missing" };
    const flag = denialOf(error)?.flag;
    if (flag !== undefined) return { state: "denied", flag: `${flag}="${path}"` };
    return { state: "unreadable", code: code || "unknown reason" };
  }
}

function decoded(bytes: Uint8Array): Pick<SeenFile, "text" | "isUtf8"> {
  const text = new TextDecoder().decode(bytes);
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { text, isUtf8: true };
  } catch {
    return { text, isUtf8: false };
  }
}

/**
 * Remembers what was seen, so that a path is looked at once.
 *
 * @param look Looks at a path.
 * @returns The same, with a memory.
 */
export function lookingOnce(look: Look): Look {
  const seen = new Map<string, Promise<Sighting>>();
  return (path) => {
    const known = seen.get(path);
    if (known !== undefined) return known;
    const sighting = look(path);
    seen.set(path, sighting);
    return sighting;
  };
}
