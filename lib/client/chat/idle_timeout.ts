/**
 * A limit to the silence of a stream; older releases of opencode have none of their own.
 *
 * @module
 */

import { KimiError } from "../../kimi/errors/kimi_error.ts";
import type { IdleTimeout } from "../../kimi/chat/usage_stream.ts";
import type { Environment } from "../environment.ts";

/** The limit of newer releases of opencode (`chunkTimeout`). */
const SILENCE_MS = 300_000;

/**
 * Makes a watchdog with one timer for each 300 s, however many chunks come. While nobody reads, the
 * time does not count.
 *
 * @param environment The clock.
 * @returns The watchdog of one stream.
 */
export function createIdleTimeout(environment: Pick<Environment, "now" | "alarm">): IdleTimeout {
  let waitingSince: number | undefined;
  let callOff = () => {};

  function watch(fail: (error: Error) => void): void {
    const since = waitingSince ?? environment.now();
    const left = since + SILENCE_MS - environment.now();
    if (left > 0) {
      callOff = environment.alarm(left, () => watch(fail));
      return;
    }
    // opencode takes a lost connection for a reason to try again.
    fail(new KimiError("network", "Connection lost: nothing came from Kimi for 300 s"));
  }

  return {
    start: watch,
    wait: () => waitingSince = environment.now(),
    touch: () => waitingSince = undefined,
    stop: () => callOff(),
  };
}
