/**
 * When a quota that was refused starts anew, and how that is said.
 *
 * @module
 */

import { readTime } from "../util/time.ts";
import type { UsageWindow } from "../usage/response.ts";

/** A time as ISO 8601 writes it, under a name with "reset" in it or in the text itself. */
const RESET =
  /reset\w*"?[\s:]*(?:at|on)?[\s:]*"?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)/i;

/**
 * Finds the time in an answer.
 *
 * @param body The answer's body.
 * @returns Milliseconds since 1970, or undefined where it holds none.
 */
export function resetOf(body: string): number | undefined {
  return readTime(RESET.exec(body)?.[1]);
}

/**
 * Says which window is used up, and when it starts anew.
 *
 * @param resetsAt When, in milliseconds since 1970, if that is known.
 * @param window The window that is used up, if it is known.
 * @param localTime Writes a time as the user's clock shows it; in UTC unless given.
 * @returns A sentence with a period in front of it, or "" where neither is known.
 */
export function resetText(
  resetsAt: number | undefined,
  window: UsageWindow | undefined,
  localTime: (time: number) => string = utc,
): string {
  const reset = resetsAt === undefined ? "" : `resets at ${localTime(resetsAt)}`;
  if (window === undefined) return reset === "" ? "" : `. It ${reset}`;
  return `. Used up: ${window.name}${reset === "" ? "" : `, which ${reset}`}`;
}

function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
