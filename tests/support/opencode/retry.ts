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

/** What opencode does after an error. */
export type Reaction = "retry" | "compact" | "stop";

/** What both releases do after an error answer, as they decide in `fromError` and `session/retry`. */
export function afterAnswer(status: number, body: string): readonly [old: Reaction, new: Reaction] {
  const { error } = JSON.parse(body);
  const isOverflow = status === 413 || error.code === "context_length_exceeded" ||
    /exceeded model token limit|request entity too large|exceeds the limit of \d+/i
      .test(error.message);
  if (isOverflow) return ["compact", "compact"];
  const byStatus = [408, 409, 429].includes(status) || status >= 500;
  return [
    byStatus ? "retry" : "stop",
    byStatus || retried(error.message) || retried(body) ? "retry" : "stop",
  ];
}

/** Whether opencode 1.14.34 would send again because of the message of an error that was thrown. */
export function retriedByOld(message: string): boolean {
  return /rate increased too quickly|rate limit|too many requests/i.test(message);
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
