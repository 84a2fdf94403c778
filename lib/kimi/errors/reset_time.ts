/** When a refused quota resets. */

import type { UsageWindow } from "../usage/response.ts";
import { readTime } from "../util/time.ts";

/**
 * An ISO 8601 time after a name with "reset" in it. What is between them is bounded, so that the search
 * takes linear time in a text of any kind.
 */
const RESET =
  /reset\w{0,16}"?[\s:]{0,8}(?:at|on)?[\s:]{0,8}"?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)/i;

/** Finds the time in an answer's body, in milliseconds since 1970. */
export function resetOf(body: string): number | undefined {
  return readTime(RESET.exec(body)?.[1]);
}

/** Says which window is used up and when it resets, after a period; "" if neither is known. */
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
