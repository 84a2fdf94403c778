/** The words and numbers that make opencode send a request again. */

/**
 * opencode 1.18.33 searches message and body of any API error for these, whatever its status. Source:
 * `session/retry` in its binary; older releases search for fewer.
 */
const PATTERNS: readonly RegExp[] = [
  /\d*(?:429|500|502|503|504|524)\d*/,
  /rate increased too quickly|rate.?limit|too.?many.?requests/i,
  /overloaded|service.?unavailable|internal.?error|internal server error|server.?error/i,
  /provider.?returned.?error|terminated|fetch failed|failed to fetch|network.?error/i,
  /upstream connect|connection (?:error|refused|lost)|socket (?:connection was closed|hang up)/i,
  /reset before headers|getaddrinfo|enotfound|eai_again|econnrefused|econnreset|etimedout/i,
  /^timeout$|\b(?:request|response|connection|network|stream|read) (?:timeout|timed out|time out)\b/i,
  /try your request again|retry your request|resource.?exhausted|exhausted|unavailable/i,
  /\btry again (?:later|in\b)|\b(?:currently|temporarily) at capacity\b/i,
];

/** Whether message or body of an error answer make opencode send the request again. */
export function wouldRetry(text: string): boolean {
  return PATTERNS.some((pattern) => pattern.test(text));
}

/** Replaces such numbers and words by `…`; what remains on both sides of one may form another. */
export function withoutRetryWords(text: string): string {
  return PATTERNS.reduce(
    (rest, { source, flags }) => rest.replace(new RegExp(source, `g${flags}`), "…"),
    text,
  );
}
