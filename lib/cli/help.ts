/**
 * The text of `--help`.
 *
 * @module
 */

import type { Command, Option } from "./command.ts";
import { flagOf } from "./permission.ts";

const COMMON: readonly Option[] = [
  { name: "help", help: "show this" },
  { name: "version", help: "show the version" },
];

/**
 * Makes the help of a command.
 *
 * @param command The command.
 * @returns The text: what it does, its options, and the Deno permissions that it needs.
 */
export function helpOf({ name, summary, options, permissions }: Command): string {
  const rows = [...options, ...COMMON].map(({ name, value, help }) => {
    return [`--${name}${value === undefined ? "" : ` ${value}`}`, help] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    summary,
    "",
    "Usage:",
    `  deno run [permissions] jsr:@kimi/full/${name} [options]`,
    `  npx opencode-kimi-full ${name} [options]     (or bunx)`,
    "",
    "Options:",
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    "",
    "Permissions of Deno, the smallest set; for those that are left out Deno asks:",
    ...permissions.map((permission) => `  ${flagOf(permission)}\n      to ${permission.why}`),
    "",
  ].join("\n");
}
