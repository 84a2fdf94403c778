/** Recognizes an answer that is not of the host it was asked of. */

/**
 * Returns what answered in place of a host that speaks JSON. A page with 413, 429 or 5xx is not counted:
 * Kimi's own gateway answers so.
 */
export function answerFault({ status, headers }: Response): "proxy" | "portal" | undefined {
  if (status === 407) return "proxy";
  if (status === 511) return "portal";
  if (status >= 500 || status === 413 || status === 429) return undefined;
  return /^text\/html\b/i.test(headers.get("content-type") ?? "") ? "portal" : undefined;
}
