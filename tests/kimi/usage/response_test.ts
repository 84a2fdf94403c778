import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import { parseUsage, type UsageWindow } from "../../../lib/kimi/usage/response.ts";
import { NEWER_USAGES, OLDER_USAGES } from "../../support/fake/answers/defaults.ts";
import { deepFreeze, jsonWith } from "../../support/vectors.ts";

function windowsOf(json: JsonObject): readonly UsageWindow[] {
  return parseUsage(deepFreeze(json)).windows;
}

function limit(detail: JsonObject, window: JsonObject = {}): readonly UsageWindow[] {
  return windowsOf({ limits: [{ window, detail }] });
}

Deno.test("parseUsage() reads counts, level and parallel requests of the older shape", () => {
  assertEquals(parseUsage(OLDER_USAGES), {
    windows: [
      {
        name: "5 hours",
        seconds: 18_000,
        usedShare: 0.27,
        used: 27,
        limit: 100,
        resetsAt: Date.UTC(2030, 0, 1, 14, 53, 5, 519),
      },
      {
        name: "week",
        seconds: 604_800,
        usedShare: 0.26,
        used: 26,
        limit: 100,
        resetsAt: Date.UTC(2030, 0, 8, 15, 53, 5, 519),
      },
    ],
    membership: "LEVEL_INTERMEDIATE",
    parallel: 30,
  });
});

Deno.test("parseUsage() reads shares and the booster wallet of the newer shape", () => {
  const { windows, booster, membership } = parseUsage(NEWER_USAGES);
  assertEquals(windows, [
    {
      name: "5 hours",
      seconds: 18_000,
      usedShare: 0.27,
      resetsAt: Date.UTC(2030, 0, 1, 14, 53, 5, 519),
    },
    {
      name: "week",
      seconds: 604_800,
      usedShare: 0.26,
      resetsAt: Date.UTC(2030, 0, 8, 15, 53, 5),
    },
    { name: "month", usedShare: 0.4, resetsAt: Date.UTC(2030, 1, 1) },
    { name: "month, coding", usedShare: 0.935, resetsAt: Date.UTC(2030, 1, 1) },
  ]);
  assertEquals(membership, "LEVEL_INTERMEDIATE");
  assertEquals(booster, {
    leftCents: 15_000,
    totalCents: 20_000,
    currency: "USD",
    monthlyLimitCents: 20_000,
    monthlyUsedCents: 5_000,
  });
});

Deno.test("parseUsage() prefers the newer shape for a window that both shapes have", () => {
  const windows = windowsOf({ ...OLDER_USAGES, usages: { limit_7d: { used_ratio: 0.5 } } });
  assertEquals(windows.map(({ name, usedShare }) => [name, usedShare]), [
    ["5 hours", 0.27],
    ["week", 0.5],
  ]);
});

Deno.test("parseUsage() computes the used amount from the remaining one if needed", () => {
  const counts: readonly (readonly [JsonObject, number, number])[] = [
    [{ limit: "100", remaining: "73" }, 27, 0.27],
    [{ limit: 100, used: 27, remaining: 1 }, 27, 0.27],
    [{ limit: "100" }, 0, 0],
    [{ limit: 100, used: "many", remaining: 60 }, 40, 0.4],
    [{ limit: 100, used: null, remaining: null }, 0, 0],
  ];
  for (const [detail, used, usedShare] of counts) {
    const [window] = limit(detail);
    assertEquals([window?.used, window?.usedShare], [used, usedShare]);
  }
});

Deno.test("parseUsage() limits shares to the range from 0 to 1", () => {
  assertEquals(limit({ limit: 100, used: 250 })[0]?.usedShare, 1);
  assertEquals(limit({ limit: 100, used: -5 })[0]?.usedShare, 0);
  assertEquals(limit({ limit: 100, remaining: 200 })[0]?.usedShare, 0);
  for (const [ratio, usedShare] of [[1.5, 1], ["-0.2", 0], ["0.5", 0.5], [0, 0]]) {
    const [window] = windowsOf({ usages: { limit_5h: { used_ratio: ratio } } });
    assertEquals(window?.usedShare, usedShare);
  }
});

Deno.test("parseUsage() leaves out a window without a computable share", () => {
  const details = [
    ...[{}, { limit: 0, used: 0 }, { limit: "many" }, { limit: -5 }, { used: 5 }],
    ...[{ limit: 5, used: "many" }, { limit: 5, used: {}, remaining: "few" }],
  ];
  for (const detail of details) assertEquals(limit(detail), []);
  for (const entry of [null, 0.5, "0.5", [], {}, { used_ratio: null }, { used_ratio: "half" }]) {
    assertEquals(windowsOf({ usages: { limit_5h: entry } }), []);
  }
  const digits = "9".repeat(400);
  assertEquals(limit({ limit: digits, used: digits }), []);
});

Deno.test("parseUsage() names a window by its length", () => {
  const names: readonly (readonly [JsonObject, string, number])[] = [
    [{ duration: 300, timeUnit: "TIME_UNIT_MINUTE" }, "5 hours", 18_000],
    [{ duration: "5", timeUnit: "TIME_UNIT_HOUR" }, "5 hours", 18_000],
    [{ duration: 90, timeUnit: "MINUTE" }, "90 minutes", 5_400],
    [{ duration: 1, timeUnit: "TIME_UNIT_DAY" }, "1 day", 86_400],
    [{ duration: 7, timeUnit: "TIME_UNIT_DAY" }, "week", 604_800],
    [{ duration: 1, timeUnit: "TIME_UNIT_WEEK" }, "week", 604_800],
    [{ duration: 45 }, "45 seconds", 45],
  ];
  for (const [window, name, seconds] of names) {
    const [read] = limit({ limit: 2, used: 1 }, window);
    assertEquals([read?.name, read?.seconds], [name, seconds]);
  }
});

Deno.test("parseUsage() names a window without a length as the service does, or by its place", () => {
  const windows = windowsOf({
    limits: [
      { name: "Daily cap", detail: { limit: 2, used: 1 } },
      { limit: 2, used: 1, title: "Flat\x1b[31m" },
      { scope: "每周额度", limit: 2, used: 1 },
      { window: { duration: -1, timeUnit: "TIME_UNIT_DAY" }, detail: { limit: 2, used: 1 } },
    ],
    usages: { limit_1d: { used_ratio: 0.1 }, "\u202e": { used_ratio: 0.1 } },
  });
  assertEquals(windows.map(({ name }) => name), [
    "1d",
    "other",
    "Daily cap",
    "Flat [31m",
    "limit 3",
    "limit 4",
  ]);
});

Deno.test("parseUsage() leaves out a reset that is invalid or absurd", () => {
  for (const resetTime of ["soon", "", 0, null, "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"]) {
    assertEquals(limit({ limit: 2, used: 1, resetTime })[0]?.resetsAt, undefined);
  }
  for (const name of ["resetTime", "reset_time", "resetAt", "reset_at"]) {
    const [window] = limit({ limit: 2, used: 1, [name]: "2030-01-01T00:00:00Z" });
    assertEquals(window?.resetsAt, Date.UTC(2030, 0));
  }
});

Deno.test("parseUsage() leaves out an invalid or empty wallet", () => {
  const wallet = (balance: unknown, more: JsonObject = {}) =>
    parseUsage({ boosterWallet: { balance, ...more } }).booster;
  assertEquals(wallet({ type: "BALANCE_BOOSTER", amount: "5000000", amountLeft: "1" }), {
    leftCents: 1,
    totalCents: 5,
    currency: "USD",
  });
  assertEquals(wallet({ type: "BOOSTER", amount: 5e6 }, { monthlyUsed: { priceInCents: 3 } }), {
    leftCents: 0,
    totalCents: 5,
    currency: "USD",
    monthlyUsedCents: 3,
  });
  const unlimited = { monthlyChargeLimitEnabled: false, monthlyChargeLimit: { priceInCents: 9 } };
  assertEquals(wallet({ type: "BOOSTER", amount: 5e6 }, unlimited)?.monthlyLimitCents, undefined);
  const others = [
    ...[null, {}, "BOOSTER", { type: "BOOSTER" }, { type: "GIFT", amount: 5e6 }],
    ...[{ type: "BOOSTER", amount: "0" }, { type: "BOOSTER", amount: -5 }],
  ];
  for (const other of others) assertEquals(wallet(other), undefined);
  const strange = { monthlyUsed: { priceInCents: 3, currency: "\x1b[31m" } };
  assertEquals(wallet({ type: "BOOSTER", amount: 5e6 }, strange)?.currency, "USD");
});

Deno.test("parseUsage() returns no windows for an answer of another shape", () => {
  const others = [
    ...[undefined, {}, { usages: [] }, { usages: null }, { limits: {} }, { limits: "5" }],
    ...[{ usage: [] }, { user: null }, { user: { membership: "gold" } }, {
      parallel: { limit: 0 },
    }],
  ];
  for (const json of others) assertEquals(parseUsage(json), { windows: [] });
});

Deno.test("parseUsage() reads at most twelve windows", () => {
  const entries = Array.from({ length: 10_000 }, (_, index) => index);
  const limits = entries.map((index) => ({ name: `n${index}`, limit: 2, used: 1 }));
  const usages = Object.fromEntries(entries.map((index) => [`u${index}`, { used_ratio: 0.5 }]));
  assertEquals([windowsOf({ limits }).length, windowsOf({ usages }).length], [12, 12]);
});

const KEYS = [
  ...["usages", "limit_5h", "limit_7d", "used_ratio", "reset_time", "usage", "limits", "window"],
  ...["duration", "timeUnit", "detail", "limit", "used", "remaining", "resetTime", "name", "user"],
  ...["membership", "level", "boosterWallet", "balance", "type", "amount", "amountLeft"],
  ...["monthlyUsed", "priceInCents", "currency", "parallel"],
];

Deno.test("parseUsage() accepts arbitrary answers and returns only printable values", () => {
  const any = jsonWith(KEYS);
  const given = fc.oneof(
    any,
    fc.record({ usages: any, usage: any, limits: fc.array(any), boosterWallet: any, user: any }),
  );
  fc.assert(fc.property(given, (json) => {
    const quotas = parseUsage(isObject(json) ? deepFreeze(json) : undefined);
    for (const { name, usedShare, resetsAt = 0, seconds = 1 } of quotas.windows) {
      assert(usedShare >= 0 && usedShare <= 1, `${usedShare}`);
      assert(/^[\x20-\x7e]{1,24}$/.test(name), name);
      assert(Number.isInteger(resetsAt) && Number.isInteger(seconds) && seconds > 0);
    }
    const { leftCents = 0, totalCents = 0, currency = "USD" } = quotas.booster ?? {};
    assert(leftCents >= 0 && totalCents >= 0 && /^[A-Z]{3}$/.test(currency));
  }));
});
