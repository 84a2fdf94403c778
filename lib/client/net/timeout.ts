/**
 * A time limit that leaves no timer behind.
 *
 * @module
 */

/**
 * Runs something with a signal that is aborted when the time is over, or the caller's signal is.
 *
 * @param milliseconds The limit.
 * @param signal The caller's signal, if any.
 * @param run What to run.
 * @returns What it returns.
 */
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
    // A signal that is listened to keeps Deno running until its time is over.
    for (const each of signals) each.removeEventListener("abort", stop);
  }
}

/**
 * Reads an answer to its end, so that a limit covers its body too.
 *
 * @param response The answer.
 * @returns The same, with nothing left to wait for.
 */
export async function whole(response: Response): Promise<Response> {
  return new Response(await response.arrayBuffer(), response);
}
