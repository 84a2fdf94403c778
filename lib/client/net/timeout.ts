/** Ends of a wait: a time limit that leaves no timer behind, and a signal. */

/** A process that was suspended beyond its time limit has this long to read an answer that has come meanwhile. */
const LOOK_MS = 250;

/** Runs something with a signal that aborts at the time limit, or when the caller's signal does. */
export async function withDeadline<T>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  // A signal with a listener keeps Deno running until its time is over.
  const done = new AbortController();
  const whenOver = (over: AbortSignal, stop: () => void) =>
    over.addEventListener("abort", stop, { once: true, signal: done.signal });
  whenOver(AbortSignal.timeout(milliseconds), () => {
    const over = AbortSignal.timeout(LOOK_MS);
    whenOver(over, () => controller.abort(over.reason));
  });
  if (signal?.aborted) controller.abort(signal.reason);
  else if (signal) whenOver(signal, () => controller.abort(signal.reason));
  try {
    return await run(controller.signal);
  } finally {
    done.abort();
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
