/** Reads what is at a path. A denied permission is never taken for a missing file. */

import process from "node:process";
import { codeOf } from "../../../runtime/fs/errors.ts";
import { denialOf, requestUser } from "../../shared/deno_permissions.ts";

export type PathState =
  | Entry & { readonly state: "file"; readonly text: string }
  | Entry & { readonly state: "folder"; readonly names: readonly string[] }
  | { readonly state: "missing" }
  | { readonly state: "unreadable"; readonly code: string }
  | { readonly state: "denied"; readonly flag: string };

interface Entry {
  /** Permission bits; undefined on Windows, where they mean nothing. */
  readonly mode: number | undefined;
  /** Time of the last change, in milliseconds since 1970. */
  readonly modified: number;
}

export type Located = PathState & { readonly path: string };

/** The text of a file; "" for anything else. */
export function textAt(at: PathState): string {
  return at.state === "file" ? at.text : "";
}

export type Locate = (path: string) => Promise<Located>;

/** Reads what is at a path on this machine, and changes nothing. */
export async function readPath(path: string): Promise<PathState> {
  const { readFile, readdir, stat } = await import("node:fs/promises");
  try {
    const entry = await stat(path);
    const mode = process.platform === "win32" ? undefined : entry.mode & 0o777;
    const about = { mode, modified: entry.mtimeMs };
    if (entry.isDirectory()) {
      return { state: "folder", names: (await readdir(path)).sort(), ...about };
    }
    // Reading a pipe could wait forever.
    if (!entry.isFile()) return { state: "unreadable", code: "not a regular file" };
    return { state: "file", text: await readFile(path, "utf8"), ...about };
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { state: "missing" };
    const flag = denialOf(error)?.flag;
    if (flag !== undefined) return { state: "denied", flag: `${flag}="${path}"` };
    return { state: "unreadable", code: code || "unknown reason" };
  }
}

/** Whether this user may write to a path; undefined if it is missing. */
export async function canWrite(path: string): Promise<boolean | undefined> {
  const { access, constants } = await import("node:fs/promises");
  await requestUser();
  return await access(path, constants.W_OK).then(() => true, (error) => {
    if (denialOf(error) !== undefined) throw error;
    return ["EACCES", "EPERM", "EROFS"].includes(codeOf(error)) ? false : undefined;
  });
}

/** Caches the results, so that each path is read once. */
export function createCachedReader(read: typeof readPath): Locate {
  const cache = new Map<string, Promise<Located>>();
  return (path) => {
    const found = cache.get(path) ?? read(path).then((state) => ({ ...state, path }));
    cache.set(path, found);
    return found;
  };
}
