/** Checks the lock that processes take before they refresh the login. */

import { parseObject } from "../../../kimi/util/json.ts";
import { duration } from "../../../kimi/util/time.ts";
import { HOLD_MS } from "../../../runtime/fs/lock.ts";
import type { Machine } from "../collect/machine.ts";
import { type DoctorContext, type Findings, note, problem } from "./finding.ts";

type LockState = "free" | "held" | "left behind" | "not looked at";

/** Returns the state of the lock, and the milliseconds since it was renewed. */
export function readLock(
  { now, lock, lockOwner }: Machine,
): { readonly state: LockState; readonly age: number } {
  const renewed = lockOwner.state === "file" ? lockOwner : lock;
  const age = "modified" in renewed ? now - renewed.modified : 0;
  if (lock.state !== "folder") {
    return { state: lock.state === "denied" ? "not looked at" : "free", age };
  }
  return { state: age > HOLD_MS ? "left behind" : "held", age };
}

/** Finds a lock that a process holds or has left behind. */
export function* checkLock({ machine }: DoctorContext): Findings {
  const { lock: { path }, lockOwner } = machine;
  const pid = lockOwner.state === "file" ? parseObject(lockOwner.text)?.pid : undefined;
  const holder = typeof pid === "number" ? `process ${pid}` : "an unknown process";
  const { state, age } = readLock(machine);
  if (state === "held") yield note("lock-held", `${holder} is refreshing the login`);
  if (state === "left behind") {
    const what = `${path} was left behind by ${holder}, which did not renew it for ${
      duration(age)
    }`;
    const fix = `rm -r ${path}, unless opencode's next refresh removes it`;
    yield problem("lock-stale", what, fix);
  }
}
