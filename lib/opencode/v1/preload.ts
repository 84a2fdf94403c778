/**
 * The parts that neither a start nor an ordinary request needs.
 *
 * @module
 */

import type { Environment } from "../../client/environment.ts";
import { loaded } from "../../client/net/lazy_import.ts";
import { messageOf } from "../../kimi/errors/kimi_error.ts";

/**
 * Loads them while their files are there: an upgrade may remove these under a running opencode, and
 * must not cost a login then.
 *
 * @param environment The log.
 * @returns Once all are loaded, or one could not be; it never fails.
 */
export async function preload({ log }: Pick<Environment, "log">): Promise<void> {
  const parts = Promise.all([
    import("../../client/chat/error_answer.ts"),
    import("../../client/tokens/locked_refresh.ts"),
    import("../../runtime/fs/cache_file.ts"),
    import("../../runtime/device/device.ts"),
    import("../../runtime/fs/atomic_file.ts"),
    import("./credential_store.ts"),
    import("../discovery.ts"),
    import("../error_words.ts"),
    import("./login.ts"),
    import("../quota_notice.ts"),
  ]);
  await loaded("The plugin is not complete", parts)
    .catch((error: unknown) => log("warn", messageOf(error)));
}
