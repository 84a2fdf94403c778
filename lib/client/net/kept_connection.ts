/** Runtimes that send a POST again by themselves. */

import type { Variables } from "../../kimi/chat/env_settings.ts";

/**
 * Before 1.3.14, Bun sends a POST again if a connection that an earlier request left open drops, and
 * puts the second answer behind the half of the first one. Measured with 1.3.4, 1.3.13 and 1.3.14.
 */
export function repeatsPosts({ bun = "" }: Variables = {}): boolean {
  const [, ...parts] = /^(\d+)\.(\d+)\.(\d+)/.exec(bun) ?? [];
  const [major = Infinity, minor = 0, patch = 0] = parts.map(Number);
  return major < 1 || (major === 1 && (minor < 3 || (minor === 3 && patch < 14)));
}
