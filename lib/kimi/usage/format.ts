/** Formats usage for a person: a bar for each window, and notes below. */

import { duration } from "../util/time.ts";
import { wrapWords } from "../util/wrap.ts";
import type { Booster, Usage, UsageWindow } from "./response.ts";

export interface UsageFormat {
  /** In milliseconds since 1970. */
  readonly now: number;
  /** Characters in a line. */
  readonly width: number;
  /** Formats a time, in milliseconds since 1970, in the reader's time zone. */
  readonly localTime: (time: number) => string;
  /** Colours a bar by the used share; absent if colours are not wanted. */
  readonly paint?: (bar: string, usedShare: number) => string;
}

const MIN_BAR = 10;
const MAX_BAR = 40;
const GAP = "  ";

/** Formats usage in lines of at most the width, but for longer words. */
export function formatUsage(usage: Usage, options: UsageFormat): readonly string[] {
  const { windows, membership, booster, parallel } = usage;
  const notes = [
    ...(membership === undefined ? [] : [`Membership: ${levelName(membership)}`]),
    ...(booster === undefined ? [] : [boosterText(booster)]),
    ...(parallel === undefined ? [] : [`Parallel requests: ${parallel}`]),
  ].flatMap((line) => wrapWords(line, options.width));
  const bars = windows.length === 0
    ? wrapWords("Kimi reports no usage for this account", options.width)
    : barLines(windows, options);
  return notes.length === 0 ? bars : [...bars, "", ...notes];
}

/** Formats a reset, such as `resets 2030-01-01 15:53 (in 2 h 13 min)`; "" if it is not known. */
export function formatReset(
  { resetsAt }: UsageWindow,
  { now, localTime }: Pick<UsageFormat, "now" | "localTime">,
): string {
  if (resetsAt === undefined) return "";
  if (resetsAt <= now) return "resets now";
  return `resets ${localTime(resetsAt)} (in ${duration(resetsAt - now)})`;
}

/** Formats a share from 0 to 1, such as `27 %`; a window never looks empty or used up too early. */
export function formatShare(share: number): string {
  return share > 0 && share < 0.01 ? "<1 %" : `${Math.floor(share * 100 + 1e-9)} %`;
}

function barLines(windows: readonly UsageWindow[], options: UsageFormat): readonly string[] {
  const { width, paint = (bar) => bar } = options;
  const rows = windows.map((window) => ({
    ...window,
    used: formatShare(window.usedShare),
    reset: formatReset(window, options),
  }));
  const widest = (key: "name" | "used" | "reset") =>
    Math.max(...rows.map((row) => row[key].length));
  const [nameWidth, usedWidth] = [widest("name"), widest("used")];
  const room = width - nameWidth - usedWidth - widest("reset") - 3 * GAP.length;
  if (room >= MIN_BAR) {
    return rows.map(({ name, used, usedShare, reset }) => {
      const bar = paint(barOf(usedShare, Math.min(room, MAX_BAR)), usedShare);
      const end = reset === "" ? "" : `${GAP}${reset}`;
      return `${name.padEnd(nameWidth)}${GAP}${bar}${GAP}${used.padStart(usedWidth)}${end}`;
    });
  }
  const barWidth = Math.max(1, Math.min(width, MAX_BAR));
  return rows.flatMap(({ name, used, usedShare, reset }, index) => [
    ...(index === 0 ? [] : [""]),
    ...wrapWords(`${name.padEnd(barWidth - used.length - 1)} ${used}`, width),
    paint(barOf(usedShare, barWidth), usedShare),
    ...resetLines(reset, width),
  ]);
}

/** Keeps the remaining time in one line if it fits. */
function resetLines(reset: string, width: number): readonly string[] {
  if (reset === "") return [];
  const parts = reset.length <= width ? [reset] : reset.split(/ (?=\()/);
  return parts.flatMap((part) => wrapWords(part, width));
}

/** A bar is empty only if nothing is used, and full only if nothing is left. */
function barOf(share: number, width: number): string {
  const most = share < 1 ? width - 1 : width;
  const filled = Math.max(Math.min(Math.round(share * width), most), share > 0 ? 1 : 0);
  return "█".repeat(filled) + "░".repeat(width - filled);
}

function levelName(level: string): string {
  const name = level.replace(/^LEVEL_/, "");
  if (!/^[A-Z_]+$/.test(name)) return name;
  return `${name.slice(0, 1)}${name.slice(1).toLowerCase().replaceAll("_", " ")}`;
}

function boosterText(booster: Booster): string {
  const { leftCents, totalCents, currency, monthlyLimitCents, monthlyUsedCents } = booster;
  const money = (cents: number) => (cents / 100).toFixed(2);
  const limit = monthlyLimitCents === undefined ? "" : ` of ${money(monthlyLimitCents)}`;
  const month = monthlyUsedCents === undefined
    ? ""
    : `, ${money(monthlyUsedCents)}${limit} used this month`;
  return `Booster: ${money(leftCents)} of ${money(totalCents)} ${currency} left${month}`;
}
