import { assertEquals, assertMatch } from "@std/assert";
import { readFailure } from "../../lib/protocol/failure.ts";

Deno.test("contract 13: a quota names the time of its reset where the answer does", () => {
  const bodies = [
    '{"error":{"message":"usage limit, resets at 2026-11-24T08:30:00Z"}}',
    '{"error":{"message":"weekly (7-day) usage limit","reset_time":"2026-11-24T08:30:00.123Z"}}',
    '{"error":{"message":"usage limit"},"resetTime": "2026-11-24T16:30:00+08:00"}',
  ];
  for (const body of bodies) {
    const { kind, message, resetsAt } = readFailure(403, body);
    assertEquals([kind, Math.floor((resetsAt ?? 0) / 60_000)], [
      "quota",
      Date.UTC(2026, 10, 24, 8, 30) / 60_000,
    ]);
    assertMatch(message, /It resets at 2026-11-24 08:30 UTC/);
  }
  assertEquals(readFailure(403, '{"error":{"message":"usage limit"}}').resetsAt, undefined);
  assertEquals(
    readFailure(403, '{"error":{"message":"usage limit, resets at noon"}}').resetsAt,
    undefined,
  );
});
