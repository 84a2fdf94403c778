/** A terminal or a pipe that records its output. */

import type { Stream, Terminal } from "../../lib/cli/shared/terminal.ts";

/** Properties of both streams. */
export interface FakeTerminalOptions {
  readonly isTerminal?: boolean;
  readonly columns?: number;
  readonly hasColour?: boolean;
}

/** Both streams, and what was written to each. */
export interface FakeTerminal extends Terminal {
  readonly written: { out: string; err: string };
}

/** Creates both streams, by default as pipes. */
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
