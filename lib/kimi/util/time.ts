/** Reads times of the service, and writes durations. */

/** ISO 8601; the service writes up to nine digits of a second. */
const ISO =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(?:(?<=\.\d{3})\d+)?(Z|[+-]\d\d:?\d\d)?$/i;

/** Times out of this range mean "never", or are mistakes. */
const EARLIEST = Date.UTC(2000, 0);
const LATEST = Date.UTC(2100, 0);

/** Reads an ISO 8601 time, in UTC if it has no zone, as milliseconds since 1970. */
export function readTime(value: unknown): number | undefined {
  const [, date, clock, zone = "Z"] = ISO.exec(typeof value === "string" ? value : "") ?? [];
  const time = Date.parse(`${date}T${clock}${zone}`);
  return time >= EARLIEST && time < LATEST ? time : undefined;
}

/** Formats a duration in at most two units, such as `2 h 13 min`, rounded up to a minute. */
export function duration(milliseconds: number): string {
  const minutes = Math.max(0, Math.ceil(milliseconds / 60_000));
  const parts = [
    [Math.floor(minutes / 1440), "d"],
    [Math.floor(minutes / 60) % 24, "h"],
    [minutes % 60, "min"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ") || "0 min";
}
