/**
 * What may be wrong with the lock of refreshes.
 *
 * @module
 */

import { parseObject } from "../../../kimi/util/json.ts";
import { duration } from "../../../kimi/util/time.ts";
import { HOLD_MS } from "../../../runtime/fs/lock.ts";
import { type Finding, note, problem } from "./finding.ts";
import type { Machine } from "../collect/machine.ts";

/** What was seen of the lock. */
type SeenLock = Pick<Machine, "now" | "lock" | "lockOwner">;

/** Where the lock stands. */
export type LockState = "free" | "held" | "left behind" | "not looked at";

/**
 * Tells where the lock stands.
 *
 * @param seen What was seen of it.
 * @returns Its state.
 */
export function lockState(seen: SeenLock): LockState {
  const { state } = seen.lock.sighting;
  if (state === "denied") return "not looked at";
  return state !== "folder" ? "free" : silenceOf(seen) > HOLD_MS ? "left behind" : "held";
}

/** Milliseconds since the holder's last sign of life. */
function silenceOf({ now, lock, lockOwner }: SeenLock): number {
  const seen = lockOwner.sighting.state === "file" ? lockOwner.sighting : lock.sighting;
  return "modified" in seen ? now - seen.modified : 0;
}

/**
 * Looks for a lock that was left behind.
 *
 * @param seen What was seen of it.
 * @returns The findings.
 */
export function lockFindings(seen: SeenLock): readonly Finding[] {
  const state = lockState(seen);
  const { path } = seen.lock;
  const who = holderOf(seen);
  if (state === "held") return note("lock-held", `a refresh is under way in ${who}`);
  if (state !== "left behind") return [];
  return problem(
    "lock-stale",
    `${path} was left behind by ${who}, which gave no sign for ${duration(silenceOf(seen))}`,
    `rm -r ${path}, unless the next refresh of opencode takes it away`,
  );
}

function holderOf({ lockOwner: { sighting } }: SeenLock): string {
  const pid = sighting.state === "file" ? parseObject(sighting.text)?.pid : undefined;
  return typeof pid === "number" ? `process ${pid}` : "an unknown process";
}
