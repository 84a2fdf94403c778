/** What `deno task pins` prints, and the issue that it writes. */

import type { Release } from "./releases.ts";

/** The comparison with a newer release. */
export interface Trial {
  readonly release: Release;
  /** What the parity check printed. */
  readonly output: string;
  /** The exit code of the parity check: 0 if nothing changed, 2 if the client cannot run here. */
  readonly code: number;
}

/** A line for each pin. */
export function tableOf(releases: readonly Release[]): string {
  const rows = releases.map(({ pin, newest, isNew }) => [
    pin.name,
    pin.pinned,
    newest,
    verdictOf({ pin, newest, isNew }),
  ]);
  const all = [["program", "pinned", "newest", ""], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    return `  ${cells.join("  ").trimEnd()}\n`;
  }).join("");
}

function verdictOf({ pin, newest, isNew }: Release): string {
  if (isNew) return `new: move ${pin.constant}`;
  return newest === pin.skipped?.release ? `stays: ${pin.skipped.why}` : "up to date";
}

/** The Markdown of an issue about new releases: its title is the first line. */
export function issueOf(releases: readonly Release[], trials: readonly Trial[]): string {
  const names = releases.filter(({ isNew }) => isNew)
    .map(({ pin, newest }) => `${pin.name} ${newest}`);
  const parts = [
    `# Newer than the pin: ${names.join(", ")}`,
    fenced(tableOf(releases)),
    ...trials.flatMap(({ release, output, code }) => [
      `## ${release.pin.name} ${release.newest} beside our modules`,
      WORDS[code] ?? WORDS[1],
      fenced(output),
    ]),
    "CONTRIBUTING.md tells how a pin is moved.",
  ];
  return `${parts.join("\n\n")}\n`;
}

const WORDS: Readonly<Record<number, string>> = {
  0: "Nothing that we send differs from what it sends.",
  1: "These rows changed, or could not be compared:",
  2: "It cannot run here.",
};

/** A fence is longer than any in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text.trimEnd()}\n${fence}`;
}
