/** The output streams of a command. */

import process from "node:process";
import { wrapWords } from "../../kimi/util/wrap.ts";
import { denoApi } from "../../runtime/globals.ts";
import { codeOf } from "../../runtime/fs/errors.ts";

/** An output stream. */
export type Stream = {
  readonly write: (text: string) => void;
  /** Whether it is a terminal, not a file or a pipe. */
  readonly isTerminal: boolean;
  /** The width in characters; 80 if it is not a terminal. */
  readonly columns: number;
  /** Whether to use colours: on a terminal, unless NO_COLOR is set. */
  readonly hasColour: boolean;
};

/** Both output streams. */
export type Terminal = {
  /** Standard output, for data. */
  readonly out: Stream;
  /** Standard error, for progress and errors. */
  readonly err: Stream;
};

/** Codes that switch a style on and off. Source: ECMA-48 §8.3.117. */
const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
} as const;

/** Styles a text if the stream has colours. */
export function styled({ hasColour }: Stream, style: keyof typeof STYLES, text: string): string {
  const [on, off] = STYLES[style];
  return hasColour ? `\x1b[${on}m${text}\x1b[${off}m` : text;
}

/** Wraps a text without colours to a terminal, and indents all lines but the first. */
export function wrapped({ isTerminal, columns }: Stream, text: string, indent = 0): string {
  if (!isTerminal) return text;
  return wrapWords(text, columns - indent).join(`\n${" ".repeat(indent)}`);
}

/** The streams of this process. If the reader closes one, as `head` does, the process ends quietly. */
export function processTerminal(): Terminal {
  return { out: createStream(process.stdout), err: createStream(process.stderr) };
}

function createStream(stream: typeof process.stdout | typeof process.stderr): Stream {
  const isTerminal = stream.isTTY === true;
  const endQuietly = (error: unknown) => {
    if (codeOf(error) !== "EPIPE") throw error;
    process.exit(0);
  };
  stream.on("error", endQuietly);
  return {
    write(text) {
      try {
        stream.write(text);
      } catch (error) {
        endQuietly(error);
      }
    },
    isTerminal,
    get columns() {
      return stream.columns || 80;
    },
    hasColour: isTerminal && hasColours(stream),
  };
}

/** Node and Bun read NO_COLOR and TERM, for which Deno would need a permission. */
function hasColours(stream: typeof process.stdout | typeof process.stderr): boolean {
  const deno = denoApi();
  return deno === undefined ? stream.hasColors() : !deno.noColor;
}
