/**
 * Times as the service writes them, and how long it is until they come.
 *
 * @module
 */

/** ISO 8601; the service writes up to nine digits of a second. */
const ISO =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(?:(?<=\.\d{3})\d+)?(Z|[+-]\d\d:?\d\d)?$/i;

/** What lies outside stands for "never", or is a mistake. */
const EARLIEST = Date.UTC(2000, 0);
const LATEST = Date.UTC(2100, 0);

const MINUTE_MS = 60_000;

/**
 * Reads a time.
 *
 * @param value What stands in its place; without a zone it is taken for UTC.
 * @returns Milliseconds since 1970, or undefined for anything else and for years that nobody waits for.
 * @example
 * ```ts
 * import { readTime } from "./time.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readTime("2030-01-01T14:53:05.519605123Z"), Date.UTC(2030, 0, 1, 14, 53, 5, 519));
 * assertEquals(readTime("noon"), undefined);
 * ```
 */
export function readTime(value: unknown): number | undefined {
  const [, date, clock, zone = "Z"] = ISO.exec(typeof value === "string" ? value : "") ?? [];
  const time = Date.parse(`${date}T${clock}${zone}`);
  return time >= EARLIEST && time < LATEST ? time : undefined;
}

/**
 * Says how long something takes.
 *
 * @param milliseconds How long.
 * @returns Two units at most, such as `2 h 13 min` or `6 d 3 h`; what is left of a minute counts as one.
 */
export function duration(milliseconds: number): string {
  const minutes = Math.max(0, Math.ceil(milliseconds / MINUTE_MS));
  const parts = [
    [Math.floor(minutes / 1440), "d"],
    [Math.floor(minutes / 60) % 24, "h"],
    [minutes % 60, "min"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return "0 min";
  return parts.slice(first, first + 2).filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`).join(" ");
}
