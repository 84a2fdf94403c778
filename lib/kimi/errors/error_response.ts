/** Error answers in OpenAI's shape, which opencode reads. */

/** Makes an error answer of type `kimi_<kind>`; `headers` are those to keep, such as `retry-after`. */
export function errorResponse(
  status: number,
  kind: string,
  message: string,
  headers: Headers = new Headers(),
): Response {
  const body = JSON.stringify({ error: { message, type: `kimi_${kind}` } });
  const answer = new Response(body, { status, headers });
  answer.headers.set("content-type", "application/json");
  return answer;
}
