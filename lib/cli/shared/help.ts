/** The text of `--help`. */

import type { Command, Option } from "./command.ts";
import { formatFlag } from "./deno_permissions.ts";
import { type Stream, wrapped } from "./terminal.ts";

const COMMON: readonly Option[] = [
  { name: "help", help: "show this help" },
  { name: "version", help: "show the version" },
];

/** A narrower column is left to the terminal to wrap. */
const MIN_COLUMN = 16;

/** Formats the help of a command for a stream. */
export function formatHelp(
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
    wrapped(stream, "Permissions for Deno (without them, Deno asks for each when it is needed):"),
    ...permissions.map((permission) =>
      `  ${formatFlag(permission)}\n      ${wrapped(stream, `to ${permission.why}`, 6)}`
    ),
    "",
  ].join("\n");
}
