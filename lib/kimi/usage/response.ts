/** Reads the usage of the plan. */

import { finite, isObject, type JsonObject, objectOf, positive, printable } from "../util/json.ts";
import { readTime } from "../util/time.ts";

/** A span of time for which the plan grants a quota. */
export interface UsageWindow {
  /** Name for a person, such as `5 hours` or `week`. */
  readonly name: string;
  /** Length of the window in seconds. */
  readonly seconds?: number;
  /** The used part, from 0 to 1. */
  readonly usedShare: number;
  /** The used and the granted amount, in the service's own unit; only in the older shape. */
  readonly used?: number;
  /** Requests that the window allows. */
  readonly limit?: number;
  /** When the window resets, in milliseconds since 1970. */
  readonly resetsAt?: number;
}

/** Money that is spent after a window is used up; the service's "booster wallet". */
export interface Booster {
  /** Money that is left, in cents. */
  readonly leftCents: number;
  /** What was paid in. */
  readonly totalCents: number;
  /** The currency of all amounts, such as `USD`. */
  readonly currency: string;
  /** The user's own limit. */
  readonly monthlyLimitCents?: number;
  /** Money that was used this month, in cents. */
  readonly monthlyUsedCents?: number;
}

/** What the plan grants, and how much of it is used. */
export interface Usage {
  /** The windows, shortest first. */
  readonly windows: readonly UsageWindow[];
  /** Level of the membership in the service's words, such as `LEVEL_INTERMEDIATE`. */
  readonly membership?: string;
  /** Money that is used once a window is used up. */
  readonly booster?: Booster;
  /** Number of requests that may run at once. */
  readonly parallel?: number;
}

/** More would not be read. */
const MAX_WINDOWS = 12;

const [HOUR, DAY, WEEK] = [3600, 86_400, 604_800] as const;

/** Seconds of a `timeUnit` such as `TIME_UNIT_MINUTE`. Source: kimi-cli `_limit_label`. */
const UNITS = [["week", WEEK], ["day", DAY], ["hour", HOUR], ["minute", 60], [
  "second",
  1,
]] as const;

type Span = Pick<UsageWindow, "name" | "seconds">;

/** Members of `usages`. Source: kimi-code `parseQuotaUsages`. */
const NAMED: Readonly<Record<string, Span>> = {
  limit_5h: spanOf(5 * HOUR),
  limit_7d: spanOf(WEEK),
  limit_month_total: { name: "month" },
  limit_month_code: { name: "month, coding" },
};

/** Types of a booster's balance; the second is the older. Source: kimi-code `parseBoosterWallet`. */
const BOOSTER_TYPES: readonly unknown[] = ["BOOSTER", "BALANCE_BOOSTER"];

/** Unit of a balance. Source: kimi-code, `FIXED_POINT_CENTS`. */
const UNITS_PER_CENT = 1_000_000;

/**
 * Reads the answer of `GET /usages`, in both shapes. A window whose used share is unknown is left out.
 *
 * @see kimi-cli 1.51.0 `ui/shell/usage.py`: `_parse_usage_payload`
 * @see kimi-code 2.1.0 `packages/oauth`: `parseManagedUsagePayload`
 * @example
 * ```ts
 * import { parseUsage } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const { windows } = parseUsage({ usages: { limit_5h: { used_ratio: 0.27 } } });
 * assertEquals(windows, [{ name: "5 hours", seconds: 18000, usedShare: 0.27 }]);
 * ```
 */
export function parseUsage(json: JsonObject | undefined): Usage {
  const windows = new Map<string, UsageWindow>();
  for (const window of [...ratioWindows(objectOf(json?.usages)), ...countedWindows(json)]) {
    if (!windows.has(window.name) && windows.size < MAX_WINDOWS) windows.set(window.name, window);
  }
  const length = ({ seconds = Number.MAX_SAFE_INTEGER }: UsageWindow) => seconds;
  const membership = printable(objectOf(objectOf(json?.user).membership).level);
  const booster = readBooster(objectOf(json?.boosterWallet));
  const parallel = positive(objectOf(json?.parallel).limit);
  return {
    windows: [...windows.values()].sort((one, other) => length(one) - length(other)),
    ...(membership === "" ? {} : { membership }),
    ...(booster === undefined ? {} : { booster }),
    ...(parallel === undefined ? {} : { parallel }),
  };
}

function ratioWindows(usages: JsonObject): readonly UsageWindow[] {
  return Object.keys(usages).flatMap((key) => {
    const entry = objectOf(usages[key]);
    const ratio = finite(entry.used_ratio);
    if (ratio === undefined) return [];
    const known = Object.hasOwn(NAMED, key) ? NAMED[key] : undefined;
    const name = plainName(key.replace(/^limit_/, "").replaceAll("_", " ")) ?? "other";
    return [{ ...(known ?? { name }), usedShare: share(ratio), ...resetOf(entry) }];
  });
}

function countedWindows(json: JsonObject | undefined): readonly UsageWindow[] {
  const limits = Array.isArray(json?.limits) ? json.limits : [];
  const windows = limits.flatMap((item: unknown, index) => {
    if (!isObject(item)) return [];
    const detail = isObject(item.detail) ? item.detail : item;
    const seconds = lengthOf(objectOf(item.window)) ?? lengthOf(item) ?? lengthOf(detail);
    const name = nameOf(item) ?? nameOf(detail) ?? `limit ${index + 1}`;
    return countedWindow(detail, seconds === undefined ? { name } : spanOf(seconds));
  });
  return [...windows, ...countedWindow(objectOf(json?.usage), spanOf(WEEK))];
}

function countedWindow(detail: JsonObject, span: Span): readonly UsageWindow[] {
  const limit = positive(detail.limit);
  if (limit === undefined) return [];
  // Like protocol buffers, the answer may leave out numbers that are 0.
  const left = finite(detail.remaining ?? detail.used ?? limit);
  const used = finite(detail.used) ?? (left === undefined ? undefined : limit - left);
  if (used === undefined) return [];
  return [{ ...span, usedShare: share(used / limit), used, limit, ...resetOf(detail) }];
}

function share(ratio: number): number {
  return Math.min(1, Math.max(0, ratio));
}

function resetOf(entry: JsonObject): { readonly resetsAt?: number } {
  const names = ["resetTime", "reset_time", "resetAt", "reset_at"];
  const resetsAt = names.map((name) => readTime(entry[name])).find((time) => time !== undefined);
  return resetsAt === undefined ? {} : { resetsAt };
}

function lengthOf(window: JsonObject): number | undefined {
  const unit = printable(window.timeUnit).toLowerCase() || "second";
  const [, seconds] = UNITS.find(([name]) => unit.includes(name)) ?? ["", 0];
  const length = Math.round((finite(window.duration) ?? 0) * seconds);
  return length > 0 && length < 100 * 366 * DAY ? length : undefined;
}

function spanOf(seconds: number): Span {
  if (seconds === WEEK) return { name: "week", seconds };
  const [unit, length] = UNITS.slice(1).find(([, length]) => seconds % length === 0) ?? UNITS[4];
  const count = seconds / length;
  return { name: `${count} ${unit}${count === 1 ? "" : "s"}`, seconds };
}

/** Source of the three keys: kimi-cli `_limit_label`. */
function nameOf(item: JsonObject): string | undefined {
  return plainName(item.name) ?? plainName(item.title) ?? plainName(item.scope);
}

/** Returns a name if it fits into a line of English. */
function plainName(value: unknown): string | undefined {
  const name = printable(value);
  return /^[\x20-\x7e]{1,24}$/.test(name) ? name : undefined;
}

function readBooster(wallet: JsonObject): Booster | undefined {
  const { type, amount, amountLeft } = objectOf(wallet.balance);
  const total = positive(amount);
  if (!BOOSTER_TYPES.includes(type) || total === undefined) return undefined;
  const [limit, used] = [moneyOf(wallet.monthlyChargeLimit), moneyOf(wallet.monthlyUsed)];
  const hasLimit = wallet.monthlyChargeLimitEnabled === true && limit !== undefined;
  return {
    leftCents: centsOf(finite(amountLeft) ?? 0),
    totalCents: centsOf(total),
    currency: limit?.currency ?? used?.currency ?? "USD",
    ...(hasLimit ? { monthlyLimitCents: limit.cents } : {}),
    ...(used === undefined ? {} : { monthlyUsedCents: used.cents }),
  };
}

/** A fraction of a cent counts as one. Source: kimi-code `fixedPointToCents`. */
function centsOf(units: number): number {
  const cents = Math.max(0, units / UNITS_PER_CENT);
  return cents > 0 && cents < 1 ? 1 : Math.round(cents);
}

function moneyOf(value: unknown) {
  const { priceInCents, currency } = objectOf(value);
  const cents = finite(priceInCents);
  if (cents === undefined || cents < 0) return undefined;
  return { cents: Math.round(cents), currency: /^[A-Z]{3}$/.exec(printable(currency))?.[0] };
}
