/**
 * What is shown while the user is confirming a login elsewhere.
 *
 * @module
 */

import type { Stream } from "../shared/terminal.ts";

/** Calls something each second until the function that it gives is called. */
export type Ticker = (run: () => void) => () => void;

/** The clock on the wall. */
export const eachSecond: Ticker = (run) => {
  const timer = setInterval(run, 1_000);
  return () => clearInterval(timer);
};

/**
 * Shows what is being waited for, and how long the code is still good: a line that counts down on a
 * terminal, else a line for each minute.
 *
 * @param stream Where to.
 * @param secondsLeft Gives the time that is left, in seconds.
 * @param ticker Each second.
 * @returns A function that ends it and clears its line.
 */
export function showWaiting(
  stream: Stream,
  secondsLeft: () => number,
  ticker: Ticker,
): () => void {
  const show = stream.isTerminal ? countDown(stream, secondsLeft) : eachMinute(stream, secondsLeft);
  show();
  const stop = ticker(show);
  return () => {
    stop();
    if (stream.isTerminal) stream.write(`\r${" ".repeat(lineWidth(stream))}\r`);
  };
}

/** The last column is left free: some terminals begin a new line behind it. */
function lineWidth({ columns }: Stream): number {
  return Math.max(1, columns - 1);
}

function countDown(stream: Stream, secondsLeft: () => number): () => void {
  return () => {
    const left = Math.max(0, Math.ceil(secondsLeft()));
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    const said = [
      `Waiting for you to confirm in the browser, ${time} left (Ctrl-C gives up)`,
      `Waiting for you to confirm, ${time} left`,
      `Waiting, ${time}`,
    ];
    const width = lineWidth(stream);
    const line = said.find(({ length }) => length <= width) ?? time;
    stream.write(`\r${line.slice(0, width).padEnd(width)}`);
  };
}

function eachMinute(stream: Stream, secondsLeft: () => number): () => void {
  let shown: number | undefined;
  return () => {
    const minutes = Math.max(1, Math.ceil(secondsLeft() / 60));
    if (minutes === shown) return;
    shown = minutes;
    const left = `${minutes} minute${minutes === 1 ? "" : "s"}`;
    stream.write(`Waiting for you to confirm in the browser; the code is good for ${left}\n`);
  };
}
