/**
 * Errors as opencode's SDK reads them.
 *
 * @module
 */

/**
 * An error answer in OpenAI's shape, as opencode reads it.
 *
 * @param status Status of the answer.
 * @param kind What went wrong; becomes `type`, behind `kimi_`.
 * @param message What happened and what to do.
 * @param headers Headers to keep, such as `retry-after`.
 * @returns The answer.
 */
export function errorResponse(
  status: number,
  kind: string,
  message: string,
  headers: Headers = new Headers(),
): Response {
  const answer = new Response(JSON.stringify({ error: { message, type: `kimi_${kind}` } }), {
    status,
    headers,
  });
  answer.headers.set("content-type", "application/json");
  return answer;
}
