import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { duration, readTime } from "../../../lib/kimi/util/time.ts";
import { utf16 } from "../../support/vectors.ts";

Deno.test("readTime() reads ISO 8601 with up to nine decimals of a second", () => {
  const time = Date.UTC(2030, 0, 8, 15, 53, 5);
  const written: readonly (readonly [string, number])[] = [
    ["2030-01-08T15:53:05Z", 0],
    ["2030-01-08T15:53:05.5Z", 500],
    ["2030-01-08T15:53:05.519605Z", 519],
    ["2030-01-08T15:53:05.519605123Z", 519],
    ["2030-01-08T23:53:05+08:00", 0],
    ["2030-01-08T23:53:05+0800", 0],
    ["2030-01-08 15:53:05", 0],
    ["2030-01-08T15:53Z", -5000],
  ];
  for (const [text, more] of written) assertEquals(readTime(text), time + more, text);
});

Deno.test("readTime() returns undefined for text that is not a time and for absurd years", () => {
  const others = [
    ...["", "noon", "15:53", "2030-01-08", "2030-13-08T00:00:00Z", "2030-01-08T25:00:00Z"],
    ...["2030-01-08T15:53:0559Z", "2030-01-08T15:5305Z", "2030-01-08T15:53:05.Z"],
    ...["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2030-01-08TZ"],
    ...[null, undefined, 1_893_456_000, {}, [], "2030-01-08T15:53:05Z2030-01-08T15:53:05Z"],
  ];
  for (const other of others) assertEquals(readTime(other), undefined, String(other));
  fc.assert(fc.property(utf16, (text) => {
    const time = readTime(text);
    assert(time === undefined || Number.isInteger(time));
  }));
});

Deno.test("duration() has at most two units and rounds up", () => {
  const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000] as const;
  const written: readonly (readonly [number, string])[] = [
    ...[[0, "0 min"], [-day, "0 min"], [1, "1 min"], [minute, "1 min"]] as const,
    ...[[minute + second, "2 min"], [hour - second, "1 h"], [hour, "1 h"]] as const,
    ...[[2 * hour + 13 * minute, "2 h 13 min"], [day - second, "1 d"]] as const,
    ...[[7 * day + 3 * hour + 5 * minute, "7 d 3 h"], [day + 5 * minute, "1 d"]] as const,
  ];
  for (const [length, text] of written) assertEquals(duration(length), text);
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e12 }), (length) => {
    assertMatch(duration(length), /^\d+ (d|h|min)( \d+ (h|min))?$/);
  }));
});
