/** Error answers of the service, and what each means. */

const LOGIN = 'run opencode auth login -p kimi-for-coding-oauth -m "Kimi account (kimi.com)"';

/** Status, type, what the service says; then what it means, whether to retry, what is said of it. */
export type Row = readonly [number, string, string, string, boolean, string];

/** The rows of the service's error reference, and of reported answers. */
export const ANSWERS: readonly Row[] = [
  [401, "", "The API Key appears to be invalid or may have expired", "token", false, LOGIN],
  [401, "invalid_authentication_error", "Invalid Authentication", "token", false, LOGIN],
  [402, "", "unable to verify your membership benefits", "plan", false, "kimi.com/code"],
  [
    ...[
      403,
      "access_terminated_error",
      "Kimi For Coding is currently only available for Coding " +
      "Agents such as Kimi CLI, Claude Code, Roo Code, Kilo Code, etc.",
    ] as const,
    ...["client_gate", false, '"client": "opencode"'] as const,
  ],
  [
    ...[
      403,
      "access_terminated_error",
      "You've reached your usage limit for this billing cycle",
    ] as const,
    ...["quota", false, "quota is used up"] as const,
  ],
  [403, "access_terminated_error", "weekly (7-day) usage limit", "quota", false, "reset"],
  [
    ...[
      403,
      "access_terminated_error",
      "Access terminated. Review our Community Guidelines",
    ] as const,
    ...["ban", false, "closed"] as const,
  ],
  [
    ...[403, "access_terminated_error", "Your access has been terminated"] as const,
    ...[
      "request",
      false,
      "see https://www.kimi.com/code. Kimi says: Your access has been …",
    ] as const,
  ],
  [
    ...[429, "engine_overloaded_error", "The engine is currently overloaded"] as const,
    ...["capacity", true, "overloaded"] as const,
  ],
  [
    ...[429, "rate_limit_reached_error", "We're receiving too many requests"] as const,
    ...["rate", true, "too many requests"] as const,
  ],
  [429, "exceeded_current_quota_error", "You exceeded your quota", "quota", false, "quota"],
  [429, "rate_limit_error", "Insufficient balance", "account", false, "no balance left"],
  [429, "rate_limit_error", "in arrears, please recharge", "account", false, "in arrears"],
  [429, "exceeded_current_quota_error", "Account suspended", "account", false, "is suspended"],
  [403, "exceeded_current_quota_error", "Account suspended", "account", false, "is suspended"],
  [
    ...[
      429,
      "rate_limit_reached_error",
      "Request exceeded the token quota per minute (TPM: 100000), please try again in 1 s",
    ] as const,
    ...["rate", true, "TPM: 100000), please try again in 1 s"] as const,
  ],
  [429, "rate_limit_reached_error", "over the quota", "rate", true, "too many requests"],
  [429, "", "quota of 50 RPM reached", "rate", true, "too many requests"],
  [429, "", "max organization concurrency: 3", "rate", true, "too many requests"],
  [429, "", "usage limit for this period", "quota", false, "quota is used up"],
  [400, "", "total message size 3000000 exceeds limit 2097152", "too_large", false, "/compact"],
  [400, "", "exceeded model token limit: 262144", "too_large", false, "/compact"],
  [400, "", "Input token length too long", "too_large", false, "/compact"],
  [400, "context_length_exceeded", "too many", "too_large", false, "/compact"],
  [413, "", "", "too_large", false, "/undo"],
  [400, "", "thinking is enabled but reasoning_content is missing", "request", false, "Kimi says"],
  [400, "", "The request was considered high risk", "moderation", false, "high risk"],
  [400, "", "a max of 128 tools can be supported", "request", false, "a max of 128 tools"],
  [404, "", "Not found the model kimi-for-coding or Permission denied", "model", false, "another"],
  [500, "", "boom", "server", true, "has a failure"],
  [502, "", "", "server", true, "has a failure"],
  [503, "", "down", "server", true, "has a failure"],
  [503, "", "The engine is overloaded", "capacity", true, "overloaded"],
  [504, "", "", "server", true, "has a failure"],
];
