/** The errors behind an error. */

/** More errors than any runtime nests; a chain may be a circle. */
const MAX_ERRORS = 12;

/** Lists an error, its causes and the parts of an `AggregateError`, outermost first. */
export function errorChain(error: unknown): readonly Error[] {
  const found: Error[] = [];
  const waiting = [error];
  while (waiting.length > 0 && found.length < MAX_ERRORS) {
    const at = waiting.shift();
    if (!(at instanceof Error) || found.includes(at)) continue;
    found.push(at);
    waiting.push(at.cause, ...(at instanceof AggregateError ? at.errors : []));
  }
  return found;
}
