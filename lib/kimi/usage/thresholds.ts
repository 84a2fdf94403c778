/** Finds the windows that are used up, or nearly. */

import type { Usage, UsageWindow } from "./response.ts";

/** From this share on the user is told. */
const NEARLY = 0.9;

/** The service rounds: it may refuse a request a little before a window looks full. */
const FULL = 0.99;

/** Returns the windows of which a tenth or less is left. */
export function nearlyUsedUp({ windows }: Usage): readonly UsageWindow[] {
  return windows.filter(({ usedShare }) => usedShare >= NEARLY);
}

/** Returns the used-up window that resets last, otherwise the fullest one with a tenth or less left. */
export function usedUp(usage: Usage): UsageWindow | undefined {
  const windows = nearlyUsedUp(usage);
  const most = Math.max(...windows.map(({ usedShare }) => usedShare));
  return windows.filter(({ usedShare }) => usedShare >= Math.min(most, FULL))
    .sort((one, other) => (other.resetsAt ?? 0) - (one.resetsAt ?? 0))[0];
}
