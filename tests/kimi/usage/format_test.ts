import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { formatShare, formatUsage, type UsageFormat } from "../../../lib/kimi/usage/format.ts";
import { isObject } from "../../../lib/kimi/util/json.ts";
import { parseUsage } from "../../../lib/kimi/usage/response.ts";
import { NEWER_USAGES, OLDER_USAGES } from "../../support/fake/answers/defaults.ts";
import { jsonWith } from "../../support/vectors.ts";

const NOW = Date.UTC(2030, 0, 1, 12, 40);

/** A time zone five and three quarter hours ahead of UTC. */
function localTime(time: number): string {
  return new Date(time + 20_700_000).toISOString().slice(0, 16).replace("T", " ");
}

function lines(json: unknown, changes: Partial<UsageFormat> = {}): readonly string[] {
  const quotas = parseUsage(isObject(json) ? json : undefined);
  return formatUsage(quotas, { now: NOW, width: 80, localTime, ...changes });
}

Deno.test("formatUsage() shows name, bar, used share and local reset time in a line", () => {
  assertEquals(lines(OLDER_USAGES), [
    "5 hours  ██████░░░░░░░░░░░░░░░░░░  27 %  resets 2030-01-01 20:38 (in 2 h 14 min)",
    "week     ██████░░░░░░░░░░░░░░░░░░  26 %  resets 2030-01-08 21:38 (in 7 d 3 h)",
    "",
    "Membership: Intermediate",
    "Parallel requests: 30",
  ]);
});

Deno.test("formatUsage() gives bar and reset their own lines if a line is too narrow", () => {
  assertEquals(lines(NEWER_USAGES, { width: 40 }), [
    "5 hours                             27 %",
    "███████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░",
    "resets 2030-01-01 20:38 (in 2 h 14 min)",
    "",
    "week                                26 %",
    "██████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░",
    "resets 2030-01-08 21:38 (in 7 d 3 h)",
    "",
    "month                               40 %",
    "████████████████░░░░░░░░░░░░░░░░░░░░░░░░",
    "resets 2030-02-01 05:45 (in 30 d 11 h)",
    "",
    "month, coding                       93 %",
    "█████████████████████████████████████░░░",
    "resets 2030-02-01 05:45 (in 30 d 11 h)",
    "",
    "Membership: Intermediate",
    "Booster: 150.00 of 200.00 USD left,",
    "50.00 of 200.00 used this month",
    "Parallel requests: 30",
  ]);
});

Deno.test("formatUsage() breaks a reset before the remaining time if the width is very small", () => {
  assertEquals(lines(OLDER_USAGES, { width: 36 }).slice(1, 5), [
    "██████████░░░░░░░░░░░░░░░░░░░░░░░░░░",
    "resets 2030-01-01 20:38",
    "(in 2 h 14 min)",
    "",
  ]);
});

Deno.test("formatUsage() shows a window as empty or full only if it is", () => {
  const bar = (used_ratio: number) => lines({ usages: { limit_5h: { used_ratio } } })[0] ?? "";
  assertMatch(bar(0), /^5 hours {2}░+ {2}0 %$/);
  assertMatch(bar(0.0001), /^5 hours {2}█░+ {2}<1 %$/);
  assertMatch(bar(0.9999), /^5 hours {2}█+░ {2}99 %$/);
  assertMatch(bar(1), /^5 hours {2}█+ {2}100 %$/);
  assertEquals([0.29, 0.57, 0.58, 0.01].map(formatShare), ["29 %", "57 %", "58 %", "1 %"]);
});

Deno.test("formatUsage() shows a reset that is due, and none if it is unknown", () => {
  const reset = (reset_time?: string) =>
    lines({ usages: { limit_5h: { used_ratio: 0, reset_time } } })[0]?.split(" %")[1];
  assertEquals(reset("2030-01-01T12:40:00Z"), "  resets now");
  assertEquals(reset("2030-01-01T12:40:01Z"), "  resets 2030-01-01 18:25 (in 1 min)");
  assertEquals(reset(), "");
});

Deno.test("formatUsage() colours only the bars", () => {
  const shares: number[] = [];
  const painted = lines(NEWER_USAGES, {
    paint(bar, share) {
      shares.push(share);
      return `<${bar}>`;
    },
  });
  assertEquals(shares, [0.27, 0.26, 0.4, 0.935]);
  assertEquals(painted.map((line) => line.replace(/[<>]/g, "")), [...lines(NEWER_USAGES)]);
});

Deno.test("formatUsage() shows a wallet without a limit, an unknown level and an account without windows", () => {
  const balance = { type: "BOOSTER", amount: 5e8, amountLeft: 1 };
  const membership = { level: "Moderato 2" };
  const wallet = { balance, monthlyUsed: { priceInCents: 150, currency: "CNY" } };
  assertEquals(lines({ user: { membership }, boosterWallet: wallet }), [
    "Kimi reports no usage for this account",
    "",
    "Membership: Moderato 2",
    "Booster: 0.01 of 5.00 CNY left, 1.50 used this month",
  ]);
  assertEquals(lines(undefined), ["Kimi reports no usage for this account"]);
});

Deno.test("formatUsage() keeps every line within the width for arbitrary answers", () => {
  const reset_time = fc.date({ min: new Date(NOW), noInvalidDate: true })
    .map((time) => time.toISOString());
  const ratio = fc.record({ used_ratio: fc.double(), reset_time });
  const name = fc.string({ maxLength: 30 });
  const json = fc.record({
    usages: fc.dictionary(name, ratio),
    limits: fc.array(fc.record({ name, limit: fc.double(), used: jsonWith([]) })),
  });
  fc.assert(fc.property(json, fc.integer({ min: 32, max: 200 }), (json, width) => {
    for (const line of lines(json, { width })) assert(line.length <= width, `${line.length}`);
  }));
});
