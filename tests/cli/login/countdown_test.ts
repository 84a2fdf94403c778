import { assert, assertEquals } from "@std/assert";
import { showCountdown, type Ticker } from "../../../lib/cli/login/countdown.ts";
import { type FakeTerminal, fakeTerminal } from "../terminal.ts";

/** Lets some seconds pass of a code that is valid for `left`. */
function wait(terminal: FakeTerminal, left: number, seconds: number): void {
  let passed = 0;
  let tick = () => {};
  let isStopped = false;
  const ticker: Ticker = (run) => {
    tick = run;
    return () => void (isStopped = true);
  };
  const stop = showCountdown(terminal.err, () => left - passed, ticker);
  for (; passed < seconds;) {
    passed++;
    tick();
  }
  stop();
  assert(isStopped);
}

/** The lines that were shown, each in place of the one before. */
function shown({ written }: FakeTerminal): readonly string[] {
  return written.err.split("\r").filter((line) => line !== "").map((line) => line.trimEnd());
}

Deno.test("showCountdown() counts down in one line of a terminal and clears it", () => {
  const terminal = fakeTerminal({ isTerminal: true });
  wait(terminal, 900, 2);
  assertEquals(shown(terminal), [
    "Waiting for you to confirm in the browser, 15:00 left (Ctrl-C to cancel)",
    "Waiting for you to confirm in the browser, 14:59 left (Ctrl-C to cancel)",
    "Waiting for you to confirm in the browser, 14:58 left (Ctrl-C to cancel)",
    "",
  ]);
  assert(terminal.written.err.endsWith(`\r${" ".repeat(79)}\r`));
});

for (
  const [columns, line] of [
    [72, "Waiting for you to confirm in the browser, 1:05 left (Ctrl-C to cancel)"],
    [40, "Waiting for you to confirm, 1:05 left"],
    [20, "Waiting, 1:05"],
    [4, "1:0"],
  ] as const
) {
  Deno.test(`showCountdown() never writes to the last of ${columns} columns`, () => {
    const terminal = fakeTerminal({ isTerminal: true, columns });
    wait(terminal, 65, 1);
    assertEquals(shown(terminal)[0], line);
    for (const part of terminal.written.err.split("\r")) assert(part.length < columns);
  });
}

Deno.test("showCountdown() prints one line per minute to a pipe", () => {
  const terminal = fakeTerminal();
  wait(terminal, 121, 121);
  assertEquals(
    terminal.written.err.replaceAll("Waiting for you to confirm in the browser; ", ""),
    [
      "the code is valid for 3 minutes\n",
      "the code is valid for 2 minutes\n",
      "the code is valid for 1 minute\n",
    ].join(""),
  );
});

Deno.test("showCountdown() clears the ^C that a terminal prints on Ctrl-C", () => {
  const terminal = fakeTerminal({ isTerminal: true });
  const stop = showCountdown(terminal.err, () => 900, () => () => {});
  terminal.err.write("^C");
  assert(lastLine(terminal).length < 80, "the ^C wraps into the next line");
  stop();
  assertEquals(lastLine(terminal).trim(), "");
});

/** The last line of a terminal, after later text has replaced earlier text. */
function lastLine({ written }: FakeTerminal): string {
  return written.err.split("\r").reduce((line, part) => part + line.slice(part.length));
}
