/** Time limits. */

import { assertEquals, assertRejects } from "@std/assert";
import { withDeadline } from "../../../lib/client/net/timeout.ts";

/** Waits for a time, or for the signal. */
function wait(milliseconds: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve("came"), milliseconds);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** Keeps this process from running, as a stop does. */
function stall(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

Deno.test("withDeadline() returns what comes in time, and leaves no timer behind", async () => {
  assertEquals(await withDeadline(60_000, undefined, (signal) => wait(0, signal)), "came");
});

Deno.test("withDeadline() rejects with a TimeoutError at its limit", async () => {
  const late = withDeadline(10, undefined, (signal) => wait(60_000, signal));
  assertEquals((await assertRejects(() => late, DOMException)).name, "TimeoutError");
});

Deno.test("withDeadline() rejects with the reason of the caller's signal, given before or later", async () => {
  const caller = new AbortController();
  const waiting = withDeadline(60_000, caller.signal, (signal) => wait(60_000, signal));
  caller.abort(new RangeError("enough"));
  await assertRejects(() => waiting, RangeError, "enough");
  const given = withDeadline(60_000, caller.signal, (signal) => wait(60_000, signal));
  await assertRejects(() => given, RangeError, "enough");
});

Deno.test("withDeadline() returns what came while its process was stopped beyond the limit", async () => {
  const asked = withDeadline(50, undefined, (signal) => wait(60, signal));
  stall(300);
  assertEquals(await asked, "came");
});

Deno.test("withDeadline() rejects soon after its process was stopped, if nothing has come", async () => {
  const asked = withDeadline(50, undefined, (signal) => wait(60_000, signal));
  stall(300);
  const started = performance.now();
  assertEquals((await assertRejects(() => asked, DOMException)).name, "TimeoutError");
  assertEquals(performance.now() - started < 10_000, true);
});
