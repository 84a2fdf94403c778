/**
 * The text of `--help`.
 *
 * @module
 */

import type { Command, Option } from "./command.ts";
import { flagOf } from "./deno_permissions.ts";
import { type Stream, wrapped } from "./terminal.ts";

const COMMON: readonly Option[] = [
  { name: "help", help: "show this" },
  { name: "version", help: "show the version" },
];

/** A column of the options that is narrower is better broken by the terminal. */
const MIN_COLUMN = 16;

/**
 * Makes the help of a command.
 *
 * @param command The command.
 * @param stream Where it will be written.
 * @returns The text: what it does, its options, and the Deno permissions that it needs.
 */
export function helpOf(
  { name, summary, options, permissions }: Command,
  stream: Stream,
): string {
  const rows = [...options, ...COMMON].map(({ name, value, help }) => {
    return [`--${name}${value === undefined ? "" : ` ${value}`}`, help] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  const indent = width + 4;
  const column = (text: string) =>
    stream.columns - indent < MIN_COLUMN ? text : wrapped(stream, text, indent);
  return [
    wrapped(stream, summary),
    "",
    "Usage:",
    `  deno run [permissions] jsr:@kimi/full/${name} [options]`,
    `  npx opencode-kimi-full ${name} [options]     (or bunx)`,
    "",
    "Options:",
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${column(right)}`),
    "",
    wrapped(
      stream,
      "Permissions of Deno, the smallest set; for those that are left out Deno asks:",
    ),
    ...permissions.map((permission) =>
      `  ${flagOf(permission)}\n      ${wrapped(stream, `to ${permission.why}`, 6)}`
    ),
    "",
  ].join("\n");
}
