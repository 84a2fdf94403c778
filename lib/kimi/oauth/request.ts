/**
 * A form that is posted to an OAuth endpoint of Kimi Code.
 *
 * @see kimi-cli 1.51.0 `auth/oauth.py`
 * @module
 */

/** Where to send a request, and as whom. */
export interface OAuthTarget {
  /** The OAuth host, such as `https://auth.kimi.com`. */
  readonly host: string;
  /** Identity headers, from `identityHeaders`. */
  readonly identity: Readonly<Record<string, string>>;
}

/**
 * The request that posts a form.
 *
 * @param target Where to, and as whom.
 * @param path Below the OAuth host.
 * @param form Its fields.
 * @returns The request.
 */
export function formRequest(
  target: OAuthTarget,
  path: string,
  form: Readonly<Record<string, string>>,
): Request {
  return new Request(`${target.host.replace(/\/+$/, "")}${path}`, {
    method: "POST",
    headers: {
      ...target.identity,
      Accept: "application/json",
      "Content-Type": "application/x-www-form-urlencoded",
    },
    // Deno sends a POST again by itself where a kept connection drops before the answer, unless its
    // body is a Blob or a stream; a refresh token that is sent twice ends its chain.
    body: new Blob([encoded(form)]),
    redirect: "manual",
  });
}

/** As Python's `urlencode` writes it, which has another opinion of two characters. */
function encoded(form: Readonly<Record<string, string>>): string {
  return new URLSearchParams(form).toString().replaceAll("*", "%2A").replaceAll("%7E", "~");
}
