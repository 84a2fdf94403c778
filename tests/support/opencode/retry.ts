/** What makes opencode 1.18.33 send a request again, as it stands in its `session/retry`. */

const PATTERNS: readonly RegExp[] = [
  /429|500|502|503|504|524/i,
  /rate increased too quickly|rate limit|rate-limit|rate_limit|too many requests/i,
  /overloaded|service unavailable|service_unavailable|service-unavailable|internal error|internal_error|internal server error|server error|server_error|server-error|provider returned error|provider_returned_error|provider-returned-error/i,
  /terminated|fetch failed|failed to fetch|network[-_\s]error|upstream connect|connection error|connection refused|connection lost|socket connection was closed|socket hang up|reset before headers|getaddrinfo|enotfound|eai_again|econnrefused|econnreset|etimedout/i,
  /^timeout$|\b(?:request|response|connection|network|stream|read) (?:timeout|timed out|time out)\b/i,
  /try your request again|retry your request|resource exhausted|resource_exhausted/i,
  /\btry again (?:later|in\b)|\b(?:currently|temporarily) at capacity\b/i,
];

/** Whether opencode would send again because of a message, or of an answer's body. */
export function retried(text: string): boolean {
  return PATTERNS.some((pattern) => pattern.test(text));
}

/** At least one text for each branch of the patterns. */
export const RETRY_PHRASES: readonly string[] = [
  ...["429", "500", "502", "503", "504", "524", "rate increased too quickly", "rate limit"],
  ...["rate-limit", "rate_limit", "too many requests", "overloaded", "service unavailable"],
  ...["service_unavailable", "service-unavailable", "internal error", "internal_error"],
  ...["internal server error", "server error", "server_error", "server-error"],
  ...["provider returned error", "provider_returned_error", "provider-returned-error"],
  ...["terminated", "fetch failed", "failed to fetch", "network error", "network-error"],
  ...["network_error", "network\terror", "upstream connect", "connection error"],
  ...["connection refused", "connection lost", "socket connection was closed", "socket hang up"],
  ...["reset before headers", "getaddrinfo", "enotfound", "eai_again", "econnrefused"],
  ...["econnreset", "etimedout", "timeout", "request timeout", "response timed out"],
  ...["connection time out", "network timeout", "stream timed out", "read time out"],
  ...["try your request again", "retry your request", "resource exhausted"],
  ...["resource_exhausted", "try again later", "try again in 5", "currently at capacity"],
  ...["temporarily at capacity"],
];
