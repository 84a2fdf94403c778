/**
 * The parts that neither a start nor an ordinary request needs.
 *
 * @module
 */

import type { Environment } from "../auth/environment.ts";
import { loaded } from "../auth/part.ts";
import { messageOf } from "../protocol/error.ts";

/**
 * Loads them while their files are there: an upgrade may remove these under a running opencode, and
 * must not cost a login then.
 *
 * @param environment The log.
 * @returns Once all are loaded, or one could not be; it never fails.
 */
export async function preload({ log }: Pick<Environment, "log">): Promise<void> {
  const parts = Promise.all([
    import("../auth/chat_failure.ts"),
    import("../auth/rotation.ts"),
    import("../runtime/models_file.ts"),
    import("../runtime/own_device.ts"),
    import("../runtime/shared_file.ts"),
    import("./credential_writer.ts"),
    import("./discovery.ts"),
    import("./login.ts"),
    import("./quota_watch.ts"),
  ]);
  await loaded("The plugin is not complete", parts)
    .catch((error: unknown) => log("warn", messageOf(error)));
}
