/** Shows how long the user has left to confirm a login. */

import type { Stream } from "../shared/terminal.ts";

/** Calls a function repeatedly until the returned function is called. */
export type Ticker = (run: () => void) => () => void;

/** Ticks each second. */
export const eachSecond: Ticker = (run) => {
  const timer = setInterval(run, 1_000);
  return () => clearInterval(timer);
};

/** Counts down in a line of a terminal, which the returned function clears, or in a line per minute. */
export function showCountdown(
  stream: Stream,
  secondsLeft: () => number,
  ticker: Ticker,
): () => void {
  const showTime = stream.isTerminal ? overwriteTime : eachMinute();
  const show = () => showTime(stream, secondsLeft());
  show();
  const stop = ticker(show);
  return () => {
    stop();
    if (stream.isTerminal) overwrite(stream, "");
  };
}

/** Some terminals wrap in the last column. The "^C" of Ctrl-C is printed at the start of the line. */
function overwrite(stream: Stream, line: string): void {
  const width = lineWidth(stream);
  stream.write(`\r${line.slice(0, width).padEnd(width)}\r`);
}

function lineWidth({ columns }: Stream): number {
  return Math.max(1, columns - 1);
}

function overwriteTime(stream: Stream, secondsLeft: number): void {
  const left = Math.max(0, Math.ceil(secondsLeft));
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  const lines = [
    `Waiting for you to confirm in the browser, ${time} left (Ctrl-C to cancel)`,
    `Waiting for you to confirm, ${time} left`,
    `Waiting, ${time}`,
  ];
  overwrite(stream, lines.find(({ length }) => length <= lineWidth(stream)) ?? time);
}

function eachMinute(): (stream: Stream, secondsLeft: number) => void {
  let shown: number | undefined;
  return (stream, secondsLeft) => {
    const minutes = Math.max(1, Math.ceil(secondsLeft / 60));
    if (minutes === shown) return;
    shown = minutes;
    const left = `${minutes} minute${minutes === 1 ? "" : "s"}`;
    stream.write(`Waiting for you to confirm in the browser; the code is valid for ${left}\n`);
  };
}
