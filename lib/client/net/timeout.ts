/** A time limit that leaves no timer behind. */

/** Runs something with a signal that aborts at the time limit, or when the caller's signal does. */
export async function withDeadline<T>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const limit = AbortSignal.timeout(milliseconds);
  const signals = signal === undefined ? [limit] : [limit, signal];
  const stop = () => controller.abort(signals.find(({ aborted }) => aborted)?.reason);
  for (const each of signals) each.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) controller.abort(signal.reason);
  try {
    return await run(controller.signal);
  } finally {
    // A signal with a listener keeps Deno running until its time is over.
    for (const each of signals) each.removeEventListener("abort", stop);
  }
}
