/** Times in the time zone of this machine. */

/** Formats a time such as `2030-01-01 15:53`, in any language of the user. */
export function localTime(time: number): string {
  return new Date(time).toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "short" });
}
