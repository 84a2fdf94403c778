/** Builds the requests to an OAuth endpoint of Kimi Code. */

/** Where to send an OAuth request, and whose identity to send. */
export interface OAuthTarget {
  /** The OAuth host, such as `https://auth.kimi.com`. */
  readonly host: string;
  /** Identity headers, from `identityHeaders`. */
  readonly identity: Readonly<Record<string, string>>;
}

/** Builds a request that posts a form to a path below the OAuth host. */
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
    // If a kept connection drops before the answer, Deno sends a POST again unless its body is a Blob
    // or a stream; a refresh token that is sent twice revokes the login.
    body: new Blob([encoded(form)]),
    redirect: "manual",
  });
}

/** Encodes a form as Python's `urlencode` does, which treats two characters differently. */
function encoded(form: Readonly<Record<string, string>>): string {
  return new URLSearchParams(form).toString().replaceAll("*", "%2A").replaceAll("%7E", "~");
}
