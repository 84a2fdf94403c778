/**
 * What a command writes on: standard output for data, standard error for progress and trouble.
 *
 * @module
 */

import process from "node:process";
import { denoApi } from "../../runtime/deno.ts";
import { codeOf } from "../../runtime/fs/errors.ts";

/** One of the two streams of a command. */
export interface Stream {
  /** Writes a text as it is. */
  readonly write: (text: string) => void;
  /** Whether a person reads it, and not a file or another program. */
  readonly isTerminal: boolean;
  /** Width in characters; 80 where there is no terminal. */
  readonly columns: number;
  /** Whether colours are wanted: on a terminal, and not under NO_COLOR. */
  readonly hasColour: boolean;
}

/** Both streams. */
export interface Terminal {
  /** Standard output: data. */
  readonly out: Stream;
  /** Standard error: progress and trouble. */
  readonly err: Stream;
}

/** Select Graphic Rendition, on and off. Source: ECMA-48 §8.3.117. */
const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
} as const;

/** How a text may look. */
export type Style = keyof typeof STYLES;

/**
 * Gives a text its look where the stream has colours.
 *
 * @param stream Where it will be written.
 * @param style The look.
 * @param text The text.
 * @returns The text, with escape sequences around it or without.
 * @see https://no-color.org
 */
export function styled({ hasColour }: Stream, style: Style, text: string): string {
  const [on, off] = STYLES[style];
  return hasColour ? `\x1b[${on}m${text}\x1b[${off}m` : text;
}

/**
 * Breaks a text between words where a terminal would break it within one. What others read stays in
 * one line.
 *
 * @param stream Where it will be written.
 * @param text The text, in one line and without colours.
 * @param indent Spaces before all lines but the first, which is taken to begin behind as many columns.
 * @returns The text in lines of the stream's width; a word that is longer has one of its own.
 */
export function wrapped({ isTerminal, columns }: Stream, text: string, indent = 0): string {
  if (!isTerminal) return text;
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || indent + last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}

/**
 * The streams of this process.
 *
 * @returns Both. A reader that has gone away, as `head` does, ends the process quietly.
 */
export function realTerminal(): Terminal {
  return { out: streamOf(process.stdout), err: streamOf(process.stderr) };
}

function streamOf(stream: typeof process.stdout | typeof process.stderr): Stream {
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

/** Node and Bun ask NO_COLOR and TERM, for which Deno would want a permission. */
function hasColours(stream: typeof process.stdout | typeof process.stderr): boolean {
  const deno = denoApi();
  return deno === undefined ? stream.hasColors() : !deno.noColor;
}
