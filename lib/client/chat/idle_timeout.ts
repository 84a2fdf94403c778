/** A limit to the silence of a stream; older releases of opencode have none of their own. */

import type { IdleTimeout } from "../../kimi/chat/answer_stream.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import type { Environment } from "../environment.ts";

/** The limit of newer releases of opencode (`chunkTimeout`). */
const SILENCE_MS = 300_000;

/** A longer timer would ring at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Creates the timeout of one stream. Its timer runs only while a read waits for the next chunk; with
 * `false` there is none.
 */
export function createIdleTimeout(
  { alarm }: Pick<Environment, "alarm">,
  limit: number | false = SILENCE_MS,
): IdleTimeout {
  let fail: (error: Error) => void = () => {};
  let disarm = () => {};

  function expire(): void {
    // opencode takes a lost connection for a reason to try again.
    const seconds = Number(limit) / 1000;
    fail(new KimiError("network", `Connection lost: nothing came from Kimi for ${seconds} s`));
  }

  return {
    start: (end) => void (fail = end),
    wait() {
      if (limit !== false) disarm = alarm(Math.min(limit, LONGEST_MS), expire);
    },
    touch: () => disarm(),
    stop: () => disarm(),
  };
}
