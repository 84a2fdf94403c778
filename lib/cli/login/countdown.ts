/** Shows how long the user has left to confirm a login. */

import type { Stream } from "../shared/terminal.ts";

/** Calls a function repeatedly until the returned function is called. */
export type Ticker = (run: () => void) => () => void;

/** Ticks each second. */
export const eachSecond: Ticker = (run) => {
  const timer = setInterval(run, 1_000);
  return () => clearInterval(timer);
};

/**
 * Shows a line that counts down on a terminal, and one line per minute elsewhere. The returned function
 * ends it and clears the line.
 */
export function showCountdown(
  stream: Stream,
  secondsLeft: () => number,
  ticker: Ticker,
): () => void {
  const show = stream.isTerminal ? eachTick(stream, secondsLeft) : eachMinute(stream, secondsLeft);
  show();
  const stop = ticker(show);
  return () => {
    stop();
    if (stream.isTerminal) overwrite(stream, "");
  };
}

/**
 * Leaves the last column free, where some terminals wrap. Leaves the cursor at the start, so that the
 * "^C" that a terminal prints on Ctrl-C stays in this line.
 */
function overwrite(stream: Stream, line: string): void {
  const width = lineWidth(stream);
  stream.write(`\r${line.slice(0, width).padEnd(width)}\r`);
}

function lineWidth({ columns }: Stream): number {
  return Math.max(1, columns - 1);
}

function eachTick(stream: Stream, secondsLeft: () => number): () => void {
  return () => {
    const left = Math.max(0, Math.ceil(secondsLeft()));
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    const lines = [
      `Waiting for you to confirm in the browser, ${time} left (Ctrl-C to cancel)`,
      `Waiting for you to confirm, ${time} left`,
      `Waiting, ${time}`,
    ];
    overwrite(stream, lines.find(({ length }) => length <= lineWidth(stream)) ?? time);
  };
}

function eachMinute(stream: Stream, secondsLeft: () => number): () => void {
  let shown: number | undefined;
  return () => {
    const minutes = Math.max(1, Math.ceil(secondsLeft() / 60));
    if (minutes === shown) return;
    shown = minutes;
    const left = `${minutes} minute${minutes === 1 ? "" : "s"}`;
    stream.write(`Waiting for you to confirm in the browser; the code is valid for ${left}\n`);
  };
}
