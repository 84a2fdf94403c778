/** The text of `--help`. */

import type { Command, Option } from "./command.ts";
import { denoApi } from "../../runtime/globals.ts";
import { formatFlag } from "./deno_permissions.ts";
import { type Stream, wrapped } from "./terminal.ts";

const COMMON: readonly Option[] = [
  { name: "help", help: "show this help (also -h)" },
  { name: "version", help: "show the version (also -v)" },
];

/** A narrower column is left to the terminal to wrap. */
const MIN_COLUMN = 16;

const EXIT_CODES = "Exit codes: 0 success, 1 failure, 2 wrong arguments, 130 Ctrl-C";

/** Formats the help of a command for a stream; only Deno needs the permissions. */
export function formatHelp(
  { name, summary, options, permissions }: Command,
  stream: Stream,
  isDeno = denoApi() !== undefined,
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
    ...(isDeno ? [`  deno run [permissions] jsr:@kimi/full/${name} [options]`] : []),
    `  npx opencode-kimi-full ${name} [options]     (or bunx)`,
    "",
    "Options:",
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${column(right)}`),
    "",
    wrapped(stream, EXIT_CODES),
    "",
    ...(isDeno ? permissionLines(permissions, stream) : []),
  ].join("\n");
}

function permissionLines(permissions: Command["permissions"], stream: Stream): readonly string[] {
  return [
    wrapped(stream, "Permissions for Deno (without them, Deno asks for each when it is needed):"),
    ...permissions.map((permission) =>
      `  ${formatFlag(permission)}\n      ${wrapped(stream, `to ${permission.why}`, 6)}`
    ),
    "",
  ];
}
