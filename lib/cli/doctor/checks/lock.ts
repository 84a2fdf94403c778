/** Checks the lock that processes take before they refresh the login. */

import { parseObject } from "../../../kimi/util/json.ts";
import { duration } from "../../../kimi/util/time.ts";
import { HOLD_MS } from "../../../runtime/fs/lock.ts";
import type { Machine } from "../collect/machine.ts";
import { type Check, note, problem } from "./finding.ts";

/** The state of the lock. */
export type LockState = "free" | "held" | "left behind" | "not looked at";

/** Returns the state of the lock. */
export function lockState(machine: Machine): LockState {
  const { state } = machine.lock;
  if (state === "denied") return "not looked at";
  if (state !== "folder") return "free";
  return millisecondsSinceRenewal(machine) > HOLD_MS ? "left behind" : "held";
}

function millisecondsSinceRenewal({ now, lock, lockOwner }: Machine): number {
  const renewed = lockOwner.state === "file" ? lockOwner : lock;
  return "modified" in renewed ? now - renewed.modified : 0;
}

/** Finds a lock that a process holds or has left behind. */
export const checkLock: Check = ({ machine }) => {
  const { lock: { path }, lockOwner } = machine;
  const pid = lockOwner.state === "file" ? parseObject(lockOwner.text)?.pid : undefined;
  const holder = typeof pid === "number" ? `process ${pid}` : "an unknown process";
  switch (lockState(machine)) {
    case "held":
      return note("lock-held", `${holder} is refreshing the login`);
    case "left behind": {
      const age = duration(millisecondsSinceRenewal(machine));
      const what = `${path} was left behind by ${holder}, which did not renew it for ${age}`;
      return problem(
        "lock-stale",
        what,
        `rm -r ${path}, unless opencode's next refresh removes it`,
      );
    }
    default:
      return [];
  }
};
