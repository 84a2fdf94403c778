/** A limit to the silence of a stream; older releases of opencode have none of their own. */

import type { IdleTimeout } from "../../kimi/chat/answer_stream.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import type { Environment } from "../environment.ts";

/** The limit of newer releases of opencode (`chunkTimeout`). */
const SILENCE_MS = 300_000;

/** Creates the timeout of one stream. Its timer runs only while a read waits for the next chunk. */
export function createIdleTimeout({ alarm }: Pick<Environment, "alarm">): IdleTimeout {
  let fail: (error: Error) => void = () => {};
  let disarm = () => {};

  function expire(): void {
    // opencode takes a lost connection for a reason to try again.
    fail(new KimiError("network", "Connection lost: nothing came from Kimi for 300 s"));
  }

  return {
    start: (end) => void (fail = end),
    wait: () => void (disarm = alarm(SILENCE_MS, expire)),
    touch: () => disarm(),
    stop: () => disarm(),
  };
}
