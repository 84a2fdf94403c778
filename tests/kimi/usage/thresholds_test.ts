import { assertEquals } from "@std/assert";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import { nearlyUsedUp, usedUp } from "../../../lib/kimi/usage/thresholds.ts";
import { parseUsage } from "../../../lib/kimi/usage/response.ts";

/** Usage with a used share and a day of reset for each window. */
function quotas(windows: Readonly<Record<string, readonly [number, number?]>>) {
  const usages: Record<string, JsonObject> = {};
  for (const [name, [used_ratio, day]] of Object.entries(windows)) {
    const reset = day === undefined ? {} : { reset_time: `2030-01-0${day}T00:00:00Z` };
    usages[name] = { used_ratio, ...reset };
  }
  return parseUsage({ usages });
}

Deno.test("nearlyUsedUp() returns windows used to nine tenths or more", () => {
  const made = quotas({ limit_5h: [0.899], limit_7d: [0.9], limit_month_total: [1] });
  assertEquals(nearlyUsedUp(made).map(({ name }) => name), ["week", "month"]);
});

Deno.test("usedUp() returns the full window that resets last", () => {
  const cases: readonly (readonly [Parameters<typeof quotas>[0], string | undefined])[] = [
    [{ limit_5h: [1, 1], limit_7d: [0.5, 7] }, "5 hours"],
    [{ limit_5h: [1, 1], limit_7d: [0.95, 7] }, "5 hours"],
    [{ limit_5h: [1, 1], limit_7d: [1, 7] }, "week"],
    [{ limit_5h: [1, 1], limit_7d: [0.992, 7] }, "week"],
    [{ limit_5h: [1], limit_7d: [1, 7] }, "week"],
    [{ limit_5h: [0.5, 1], limit_7d: [0.97, 7], limit_month_total: [0.96, 9] }, "week"],
    [{ limit_5h: [0.5, 1], limit_7d: [0.89, 7] }, undefined],
    [{}, undefined],
  ];
  for (const [given, name] of cases) assertEquals(usedUp(quotas(given))?.name, name);
});
