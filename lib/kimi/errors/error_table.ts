/** The errors of the API: how each is recognized and explained. */

import { IDENTITY_REFUSED } from "../clients/other_clients.ts";
import { isObject, parseObject, printable } from "../util/json.ts";
import { readTime } from "../util/time.ts";

/** What went wrong, in one word. */
export type FailureKind =
  | "token"
  | "plan"
  | "account"
  | "quota"
  | "client_gate"
  | "ban"
  | "capacity"
  | "rate"
  | "request"
  | "too_large"
  | "model"
  | "moderation"
  | "server"
  | "unknown";

/** An error answer of the API, as data. */
export interface ApiError {
  /** What went wrong. */
  readonly kind: FailureKind;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Whether the same request may succeed after a while. */
  readonly retry: boolean;
  /** The service's own words, without control characters; "" if it sent none. */
  readonly serviceMessage: string;
  /** When the quota that was refused resets, in milliseconds since 1970, if the answer says so. */
  readonly resetsAt?: number;
  /** The answer's `x-trace-id`, which Moonshot's support asks for. */
  readonly traceId?: string;
}

/**
 * `says` matches the error's type, code and message. In the explanation `{name}` stands for the host's
 * words, and `kimi.com` for the region of the account.
 */
type Rule = readonly [
  kind: FailureKind,
  statuses: readonly number[],
  explanation: string,
  says?: RegExp,
];

const TOO_MANY = "Kimi receives too many requests from this account";

const TOO_LONG =
  /message size|exceed\w{0,3} [\w ]{0,20}token limit|token length|context_length_exceeded/i;

/** The answers of the error reference. The first rule that fits counts. */
const RULES: readonly Rule[] = [
  ["token", [401], "Kimi refuses this account"],
  ["plan", [402], "Kimi cannot verify the membership: check the plan at https://www.kimi.com/code"],
  [
    "client_gate",
    [403],
    "Kimi refused this client's identity: {client}, or use an API key of the plan",
    IDENTITY_REFUSED,
  ],
  [
    "ban",
    [403],
    "Kimi has closed this account's access: see its Community Guidelines, or write to " +
    "code@moonshot.ai",
    /community guidelines|access terminated\./i,
  ],
  [
    "account",
    [403, 429],
    "This account has no balance left, or is suspended: see https://www.kimi.com/code",
    /\b(?:balance|arrears|recharge|suspended)\b/i,
  ],
  // The words of a rate may name a "quota per minute".
  [
    "rate",
    [429],
    TOO_MANY,
    /rate_limit_reached|per minute|\b[RT]PM\b|concurren/i,
  ],
  [
    "quota",
    [403, 429],
    "The plan's quota is used up: wait for its reset, see https://www.kimi.com/code",
    /exceeded_current_quota|usage limit|quota/i,
  ],
  // opencode 1.14 asks again after the error of a stream only if it has "too many requests" in it.
  ["capacity", [429, 503], "Kimi's engine is overloaded by too many requests", /overloaded/i],
  ["rate", [429], TOO_MANY],
  ["moderation", [400], "Kimi considers the request high risk: {rephrase}", /high risk/i],
  ["too_large", [400, 413, 422], "The conversation is too long for the model: {shorten}", TOO_LONG],
  ["too_large", [413], "The request is too large for Kimi: {remove}"],
  ["request", [400, 422], "Kimi refused the request"],
  ["request", [403], "Kimi refused this: see https://www.kimi.com/code"],
  [
    "model",
    [404],
    "Kimi does not know the model, or the plan does not include it: choose another one",
  ],
  ["server", [500, 502, 503, 504, 529], "Kimi's service has a failure"],
];

const RETRIED: ReadonlySet<FailureKind> = new Set(["capacity", "rate", "server"]);

/** Statuses that mean the same without a JSON body. */
const TELLING: ReadonlySet<number> = new Set([401, 402, 413]);

/**
 * An ISO 8601 time after a name with "reset" in it. What is between them is bounded, so that the search
 * takes linear time in a text of any kind.
 */
const RESET =
  /reset\w{0,16}"?[\s:]{0,8}(?:at|on)?[\s:]{0,8}"?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)/i;

/** Reads an error answer, which is `unknown` if its form is not the service's; with its explanation. */
export function parseApiError(
  status: number,
  body: string,
  traceId?: string | null,
): readonly [error: ApiError, explanation: string] {
  const { said, serviceMessage } = wordsOf(body);
  const isKnown = said.trim() !== "" || TELLING.has(status) || status >= 500;
  const rule = isKnown
    ? RULES.find(([, statuses, , says]) => statuses.includes(status) && (says?.test(said) ?? true))
    : undefined;
  const [kind, , explanation] = rule ?? ["unknown", [], ""] as const;
  const resetsAt = kind === "quota" ? readTime(RESET.exec(body)?.[1]) : undefined;
  const trace = printable(traceId);
  const parsed = {
    kind,
    status,
    retry: RETRIED.has(kind),
    serviceMessage,
    ...(resetsAt === undefined ? {} : { resetsAt }),
    ...(trace === "" ? {} : { traceId: trace }),
  };
  return [parsed, explanation];
}

/** The status that the service answers with the error of a stream, which has none. */
export function statusOfError(body: string): number {
  const { said } = wordsOf(body);
  const rule = RULES.find(([, , , says]) => says?.test(said));
  if (rule !== undefined) return rule[1][0] ?? 500;
  if (/invalid_authentication/i.test(said)) return 401;
  if (/rate.?limit|too many/i.test(said)) return 429;
  if (/invalid_request/i.test(said)) return 400;
  return /access_terminated|permission/i.test(said) ? 403 : 500;
}

function wordsOf(body: string): Readonly<Record<"said" | "serviceMessage", string>> {
  const json = parseObject(body);
  const error = isObject(json?.error) ? json.error : json;
  const serviceMessage = printable(error?.message) || printable(json?.error);
  const said = `${printable(error?.type)} ${printable(error?.code)} ${serviceMessage}`;
  return { said, serviceMessage };
}
