/**
 * Quotas as a person reads them: a bar for each window, and the lines below.
 *
 * @module
 */

import { duration } from "../util/time.ts";
import type { Booster, Usage, UsageWindow } from "./response.ts";

/** Where and when the text is read. */
export interface QuotaTextOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Characters in a line. */
  readonly width: number;
  /** Writes a time, in milliseconds since 1970, as the reader's clock shows it. */
  readonly localTime: (time: number) => string;
  /** Colours a bar of so large a used share; left out where there are no colours. */
  readonly paint?: (bar: string, usedShare: number) => string;
}

const MIN_BAR = 10;
const MAX_BAR = 40;
const GAP = "  ";

/**
 * Writes quotas.
 *
 * @param quotas The quotas.
 * @param options Where and when they are read.
 * @returns Lines of at most the width, but for words that are longer.
 */
export function quotaText(quotas: Usage, options: QuotaTextOptions): readonly string[] {
  const { windows, membership, booster, parallel } = quotas;
  const notes = [
    ...(membership === undefined ? [] : [`Membership: ${levelName(membership)}`]),
    ...(booster === undefined ? [] : [boosterText(booster)]),
    ...(parallel === undefined ? [] : [`Parallel requests: ${parallel}`]),
  ].flatMap((line) => wrapped(line, options.width));
  const bars = windows.length === 0
    ? wrapped("Kimi names no quota for this account", options.width)
    : barLines(windows, options);
  return notes.length === 0 ? bars : [...bars, "", ...notes];
}

/**
 * Writes when a window starts anew.
 *
 * @param window The window.
 * @param options Where and when it is read.
 * @returns Such as `resets 2030-01-01 15:53 (in 2 h 13 min)`, or "" where it is not known.
 */
export function resetText(
  { resetsAt }: UsageWindow,
  { now, localTime }: Pick<QuotaTextOptions, "now" | "localTime">,
): string {
  if (resetsAt === undefined) return "";
  if (resetsAt <= now) return "resets now";
  return `resets ${localTime(resetsAt)} (in ${duration(resetsAt - now)})`;
}

/**
 * Writes a share without making a window look empty, or used up, before it is.
 *
 * @param share From 0 to 1.
 * @returns Such as `27 %`.
 */
export function percent(share: number): string {
  return share > 0 && share < 0.01 ? "<1 %" : `${Math.floor(share * 100 + 1e-9)} %`;
}

function barLines(
  windows: readonly UsageWindow[],
  options: QuotaTextOptions,
): readonly string[] {
  const { width, paint = (bar) => bar } = options;
  const rows = windows.map((window) => ({
    ...window,
    used: percent(window.usedShare),
    reset: resetText(window, options),
  }));
  const [nameWidth, usedWidth, resetWidth] = [
    Math.max(...rows.map(({ name }) => name.length)),
    Math.max(...rows.map(({ used }) => used.length)),
    Math.max(...rows.map(({ reset }) => reset.length)),
  ];
  const room = width - nameWidth - usedWidth - resetWidth - 3 * GAP.length;
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
    ...wrapped(`${name.padEnd(barWidth - used.length - 1)} ${used}`, width),
    paint(barOf(usedShare, barWidth), usedShare),
    ...resetLines(reset, width),
  ]);
}

/** How long it takes stays in one line where it can. */
function resetLines(reset: string, width: number): readonly string[] {
  if (reset === "") return [];
  const parts = reset.length <= width ? [reset] : reset.split(/ (?=\()/);
  return parts.flatMap((part) => wrapped(part, width));
}

/** A bar shows nothing as used, and nothing as left, only where that is so. */
function barOf(share: number, width: number): string {
  const least = share > 0 ? 1 : 0;
  const most = share < 1 ? width - 1 : width;
  const filled = Math.max(Math.min(Math.round(share * width), most), Math.min(least, width));
  return "█".repeat(filled) + "░".repeat(width - filled);
}

function levelName(level: string): string {
  const name = level.replace(/^LEVEL_/, "");
  return /^[A-Z_]+$/.test(name)
    ? `${name.slice(0, 1)}${name.slice(1).toLowerCase().replaceAll("_", " ")}`
    : name;
}

function boosterText(booster: Booster): string {
  const { leftCents, totalCents, currency, monthlyLimitCents, monthlyUsedCents } = booster;
  const money = (cents: number) => (cents / 100).toFixed(2);
  const month = monthlyUsedCents === undefined
    ? ""
    : `, ${money(monthlyUsedCents)}${
      monthlyLimitCents === undefined ? "" : ` of ${money(monthlyLimitCents)}`
    } used this month`;
  return `Booster: ${money(leftCents)} of ${money(totalCents)} ${currency} left${month}`;
}

function wrapped(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text];
  const lines: string[] = [];
  for (const word of text.split(" ").filter((word) => word !== "")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
