/** Ends of a wait: a time limit that leaves no timer behind, and a signal. */

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

/** Ends the wait for a promise, but not what it stands for, when the signal aborts. */
export function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal | null | undefined,
): Promise<T> {
  if (signal === null || signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
