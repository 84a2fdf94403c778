/**
 * Times as the clock of this machine shows them.
 *
 * @module
 */

/**
 * Writes a time in the zone of this machine.
 *
 * @param time Milliseconds since 1970.
 * @returns Such as `2030-01-01 15:53`, whatever the user's language.
 */
export function localTime(time: number): string {
  return new Date(time).toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "short" });
}
