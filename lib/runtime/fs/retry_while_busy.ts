/** Retries while Windows says that another program has a file open. */

import { codeOf } from "./errors.ts";
import { ownProcess } from "../globals.ts";
import { sleep } from "../clock.ts";

/** The codes that it returns meanwhile, and also if rights are missing. */
const IN_USE: readonly string[] = ["EPERM", "EACCES", "EBUSY"];

const TRIES = 25;
const PAUSE_MS = 40;

/** The platform, as `process.platform` has it, and its clock. */
export interface FileSystem {
  readonly platform: string;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Does it again for a second while Windows says that the file is in use. Source: npm `graceful-fs`. */
export async function whileInUse<Result>(
  work: () => Promise<Result> | Result,
  system: FileSystem = { platform: ownProcess().platform, sleep },
): Promise<Result> {
  for (let tries = 1;; tries++) {
    try {
      return await work();
    } catch (error) {
      if (system.platform !== "win32" || tries === TRIES || !IN_USE.includes(codeOf(error))) {
        throw error;
      }
      await system.sleep(PAUSE_MS);
    }
  }
}
