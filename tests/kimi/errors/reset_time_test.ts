import { assert, assertEquals, assertMatch } from "@std/assert";
import { explainFailure, readFailure } from "../../../lib/kimi/errors/api_error.ts";
import { wouldRetry } from "../../../lib/kimi/errors/opencode_retry.ts";
import type { UsageWindow } from "../../../lib/kimi/usage/response.ts";

const REFUSED = '{"error":{"message":"You have reached your weekly usage limit"}}';
const RESETS = '{"error":{"message":"usage limit, resets at 2026-11-24T08:30:00.519605123Z"}}';

const WEEK: UsageWindow = {
  name: "week",
  usedShare: 1,
  resetsAt: Date.UTC(2030, 0, 8, 15, 53),
};

/** A time zone five and three quarter hours ahead of UTC. */
function localTime(time: number): string {
  return new Date(time + 20_700_000).toISOString().slice(0, 16).replace("T", " ");
}

Deno.test("contract 13: the error of a quota names the time of its reset if the answer does", () => {
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

Deno.test("contract 13: the error of a quota names the window that is used up, and its reset in local time", () => {
  const said = (window?: UsageWindow, body = REFUSED) =>
    readFailure(403, body, null, { window, localTime }).message.split("/code")[1];
  const kimi = "Kimi says: You have reached your weekly usage limit";
  assertEquals(said(WEEK), `. Used up: week, which resets at 2030-01-08 21:38. ${kimi}`);
  const { resetsAt: _, ...endless } = WEEK;
  assertEquals(said(endless), `. Used up: week. ${kimi}`);
  assertEquals(said(), `. ${kimi}`);
  assertMatch(said(undefined, RESETS) ?? "", /^\. It resets at 2026-11-24 14:15\. Kimi says/);
  assertEquals(readFailure(403, REFUSED, null, { window: WEEK }).resetsAt, WEEK.resetsAt);
});

Deno.test("contract 13: neither a window nor a time makes opencode retry", () => {
  const names = ["week", "5 hours", "limit 503", "429 minutes", "try again later"];
  for (const name of names) {
    for (let hour = 0; hour < 24 * 400; hour += 7) {
      const resetsAt = Date.UTC(2030, 0, 1, hour, 50);
      const window = { ...WEEK, name, resetsAt };
      const { message } = readFailure(429, REFUSED, null, { window, localTime });
      assert(!wouldRetry(message), message);
    }
  }
});

Deno.test('a long run of blanks or of "reset" is searched in linear time', () => {
  for (const part of [" ", ":", "reset", "reset at ", 'reset" : ']) {
    const body = `{"error":{"message":"usage limit, resets${part.repeat(200_000)}"}}`;
    const start = performance.now();
    assertEquals(readFailure(403, body).resetsAt, undefined);
    // A search in quadratic time takes minutes.
    assert(performance.now() - start < 10_000, part);
  }
});

Deno.test("the window is asked for only if a quota was refused without a reset time", async () => {
  const answers: readonly (readonly [number, string, number])[] = [
    [403, REFUSED, 1],
    [429, '{"error":{"type":"exceeded_current_quota_error","message":"x"}}', 1],
    [403, RESETS, 0],
    [429, '{"error":{"message":"slow down"}}', 0],
    [402, REFUSED, 0],
    [503, REFUSED, 0],
    [400, REFUSED, 0],
    [403, "<html>", 0],
  ];
  for (const [status, body, times] of answers) {
    let asked = 0;
    const usedUp = () => {
      asked++;
      return Promise.resolve(WEEK);
    };
    const answer = await explainFailure(new Response(body, { status }), [], { usedUp, localTime });
    assertEquals([asked, (await answer.text()).includes("Used up: week")], [times, times === 1]);
  }
});

Deno.test("the explanation is shorter if the window cannot be asked for", async () => {
  for (const usedUp of [() => Promise.reject(new Error("no")), () => Promise.resolve(undefined)]) {
    const answer = await explainFailure(new Response(REFUSED, { status: 403 }), [], { usedUp });
    const { error } = await answer.json();
    assertEquals(answer.status, 403);
    assertMatch(error.message, /^The plan's quota is used up: .+\/code\. Kimi says: /);
  }
});
