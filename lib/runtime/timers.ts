/**
 * Waiting.
 *
 * @module
 */

/**
 * Waits.
 *
 * @param milliseconds How long.
 * @param signal Ends the wait early, by a rejection with its reason.
 */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/**
 * Calls once after a time. In Bun this takes a fifth of what a wait with a signal does.
 *
 * @param milliseconds When.
 * @param ring What is called.
 * @returns Calls it off.
 */
export function alarm(milliseconds: number, ring: () => void): () => void {
  const timer = setTimeout(ring, milliseconds);
  return () => clearTimeout(timer);
}
