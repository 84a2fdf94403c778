import { assert, assertEquals } from "@std/assert";
import { showWaiting, type Ticker } from "../../../lib/cli/login/countdown.ts";
import { type FakeTerminal, fakeTerminal } from "../terminal.ts";

/** Waits for some seconds of a code that is good for `left`. */
function wait(terminal: FakeTerminal, left: number, seconds: number): void {
  let passed = 0;
  let tick = () => {};
  let isStopped = false;
  const ticker: Ticker = (run) => {
    tick = run;
    return () => void (isStopped = true);
  };
  const stop = showWaiting(terminal.err, () => left - passed, ticker);
  for (; passed < seconds;) {
    passed++;
    tick();
  }
  stop();
  assert(isStopped);
}

/** The lines that stood there one after the other; each covers the one before. */
function shown({ written }: FakeTerminal): readonly string[] {
  return written.err.split("\r").filter((line) => line !== "").map((line) => line.trimEnd());
}

Deno.test("on a terminal one line counts down, and is gone afterwards", () => {
  const terminal = fakeTerminal({ isTerminal: true });
  wait(terminal, 900, 2);
  assertEquals(shown(terminal), [
    "Waiting for you to confirm in the browser, 15:00 left (Ctrl-C gives up)",
    "Waiting for you to confirm in the browser, 14:59 left (Ctrl-C gives up)",
    "Waiting for you to confirm in the browser, 14:58 left (Ctrl-C gives up)",
    "",
  ]);
  assert(terminal.written.err.endsWith(`\r${" ".repeat(79)}\r`));
});

for (
  const [columns, line] of [
    [72, "Waiting for you to confirm in the browser, 1:05 left (Ctrl-C gives up)"],
    [40, "Waiting for you to confirm, 1:05 left"],
    [20, "Waiting, 1:05"],
    [4, "1:0"],
  ] as const
) {
  Deno.test(`a line that counts down in ${columns} columns never reaches the last`, () => {
    const terminal = fakeTerminal({ isTerminal: true, columns });
    wait(terminal, 65, 1);
    assertEquals(shown(terminal)[0], line);
    for (const part of terminal.written.err.split("\r")) assert(part.length < columns);
  });
}

Deno.test("in a pipe there is a plain line for each minute", () => {
  const terminal = fakeTerminal();
  wait(terminal, 121, 121);
  assertEquals(
    terminal.written.err.replaceAll("Waiting for you to confirm in the browser; ", ""),
    [
      "the code is good for 3 minutes\n",
      "the code is good for 2 minutes\n",
      "the code is good for 1 minute\n",
    ].join(""),
  );
});
