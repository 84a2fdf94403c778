/**
 * A limit to the silence of a stream; older releases of opencode have none of their own.
 *
 * @module
 */

import { KimiError } from "../protocol/error.ts";
import type { Watchdog } from "../protocol/stream.ts";
import type { Environment } from "./environment.ts";

/** The limit of newer releases of opencode (`chunkTimeout`). */
const SILENCE_MS = 300_000;

/**
 * Makes a watchdog with one timer for each 300 s, however many chunks come. While nobody reads, the
 * time does not count.
 *
 * @param environment The clock.
 * @returns The watchdog of one stream.
 */
export function silenceWatchdog(environment: Pick<Environment, "now" | "sleep">): Watchdog {
  const ended = new AbortController();
  let waitingSince: number | undefined;

  async function watch(fail: (error: Error) => void): Promise<void> {
    for (;;) {
      const since = waitingSince ?? environment.now();
      const left = since + SILENCE_MS - environment.now();
      if (left <= 0) {
        // opencode takes a lost connection for a reason to try again.
        const message = "Connection lost: nothing came from Kimi for 300 s";
        return fail(new KimiError("network", message));
      }
      await environment.sleep(left, ended.signal);
    }
  }

  return {
    start: (fail) => void watch(fail).catch(() => {}),
    wait: () => waitingSince = environment.now(),
    touch: () => waitingSince = undefined,
    // Without a reason an error would be made, which takes longer than all else here.
    stop: () => ended.abort(null),
  };
}
