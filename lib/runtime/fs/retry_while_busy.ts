/**
 * What Windows alone does with files that another program has open.
 *
 * @module
 */

import { codeOf } from "./errors.ts";
import { ownProcess } from "../process.ts";
import { sleep } from "../timers.ts";

/** What it answers meanwhile; also what it answers where rights are missing. */
const IN_USE: ReadonlySet<string> = new Set(["EPERM", "EACCES", "EBUSY"]);

const TRIES = 25;
const PAUSE_MS = 40;

/** What is asked of the system. */
export interface FileSystem {
  /** `process.platform`. */
  readonly platform: string;
  /** Waits. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/**
 * Does something with a file, for a second again and again while Windows says that it is in use: a
 * virus scanner reads what was just written, and a folder that was removed is there until the last one
 * who looks into it has gone. Elsewhere such an answer is final.
 *
 * @param work What to do.
 * @param system The platform and its clock.
 * @returns What it gives.
 * @throws {Error} What it throws.
 * @see https://www.npmjs.com/package/graceful-fs, which renames so
 * @example
 * ```ts
 * import { whileInUse } from "./retry_while_busy.ts";
 * import { assertEquals } from "@std/assert";
 *
 * let tries = 0;
 * const rename = () =>
 *   ++tries < 3
 *     ? Promise.reject(Object.assign(new Error("in use"), { code: "EBUSY" }))
 *     : Promise.resolve("renamed");
 * const system = { platform: "win32", sleep: () => Promise.resolve() };
 * assertEquals(await whileInUse(rename, system), "renamed");
 * ```
 */
export async function whileInUse<Result>(
  work: () => Promise<Result>,
  system: FileSystem = { platform: ownProcess().platform, sleep },
): Promise<Result> {
  for (let tries = 1;; tries++) {
    try {
      return await work();
    } catch (error) {
      if (system.platform !== "win32" || tries === TRIES || !IN_USE.has(codeOf(error))) throw error;
      await system.sleep(PAUSE_MS);
    }
  }
}
