/** A terminal, or a pipe, that keeps what is written. */

import type { Stream, Terminal } from "../../lib/cli/shared/terminal.ts";

/** What it is. */
export interface FakeTerminalOptions {
  readonly isTerminal?: boolean;
  readonly columns?: number;
  readonly hasColour?: boolean;
}

/** Both streams, and what was written on each. */
export interface FakeTerminal extends Terminal {
  readonly written: { out: string; err: string };
}

/** Makes one: a pipe, unless told otherwise. */
export function fakeTerminal(options: FakeTerminalOptions = {}): FakeTerminal {
  const { isTerminal = false, columns = 80, hasColour = false } = options;
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err"): Stream => ({
    write: (text) => void (written[name] += text),
    isTerminal,
    columns,
    hasColour,
  });
  return { out: stream("out"), err: stream("err"), written };
}
