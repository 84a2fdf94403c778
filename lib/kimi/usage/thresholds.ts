/**
 * Which windows are used up, or nearly.
 *
 * @module
 */

import type { Usage, UsageWindow } from "./response.ts";

/** From this share on a user should know. */
const NEARLY = 0.9;

/** The service rounds: a request may be refused a little before a window looks full. */
const FULL = 0.99;

/**
 * Finds the windows of which a tenth or less is left.
 *
 * @param quotas The quotas.
 * @returns The windows.
 */
export function nearlyUsedUp({ windows }: Usage): readonly UsageWindow[] {
  return windows.filter(({ usedShare }) => usedShare >= NEARLY);
}

/**
 * Finds the window that a refused request waits for.
 *
 * @param quotas The quotas.
 * @returns Of the windows that are used up the one that resets last; where none is, the one that is used
 * most, unless more than a tenth of it is left.
 */
export function usedUp(quotas: Usage): UsageWindow | undefined {
  const windows = nearlyUsedUp(quotas);
  const most = Math.max(...windows.map(({ usedShare }) => usedShare));
  return windows.filter(({ usedShare }) => usedShare >= Math.min(most, FULL))
    .sort((one, other) => (other.resetsAt ?? 0) - (one.resetsAt ?? 0))[0];
}
