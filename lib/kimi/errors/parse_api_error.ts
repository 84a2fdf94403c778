/**
 * Reads an error answer of the API as data.
 *
 * @see https://www.kimi.com/code/docs/en/kimi-code/error-reference.html
 */

import { isObject, parseObject, printable } from "../util/json.ts";
import { resetOf } from "./reset_time.ts";

/** What went wrong, in one word. */
export type FailureKind =
  | "token"
  | "plan"
  | "quota"
  | "client_gate"
  | "ban"
  | "capacity"
  | "rate"
  | "request"
  | "model"
  | "moderation"
  | "server"
  | "unknown";

/** Kinds of which one has several explanations. */
export type FailureReason = FailureKind | "too_long" | "too_large" | "forbidden";

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

/** An error answer, and which explanation fits it. */
export interface ReasonedError extends ApiError {
  readonly reason: FailureReason;
}

interface Rule {
  readonly kind: FailureKind;
  readonly reason?: FailureReason;
  readonly statuses: readonly number[];
  /** Matches the error's type, code and message. */
  readonly says?: RegExp;
}

/** The first rule that fits counts. */
const RULES: readonly Rule[] = [
  { kind: "token", statuses: [401] },
  { kind: "plan", statuses: [402] },
  {
    kind: "quota",
    statuses: [403, 429],
    says: /exceeded_current_quota|usage limit|quota/i,
  },
  { kind: "client_gate", statuses: [403], says: /only available for coding agents/i },
  { kind: "ban", statuses: [403], says: /community guidelines|access terminated\./i },
  { kind: "capacity", statuses: [429, 503], says: /overloaded/i },
  { kind: "rate", statuses: [429] },
  { kind: "moderation", statuses: [400], says: /high risk/i },
  {
    kind: "request",
    reason: "too_long",
    statuses: [400, 413, 422],
    says: /message size|token limit/i,
  },
  { kind: "request", reason: "too_large", statuses: [413] },
  { kind: "request", statuses: [400, 422] },
  { kind: "request", reason: "forbidden", statuses: [403] },
  { kind: "model", statuses: [404] },
  { kind: "server", statuses: [500, 502, 503, 504, 529] },
];

const RETRIED: ReadonlySet<FailureKind> = new Set(["capacity", "rate", "server"]);

/** Statuses that mean the same without a JSON body. */
const TELLING: ReadonlySet<number> = new Set([401, 402, 413]);

/** Reads an error answer; `unknown` if its form is not the service's. */
export function parseApiError(
  status: number,
  body: string,
  traceId?: string | null,
): ReasonedError {
  const json = parseObject(body);
  const error = isObject(json?.error) ? json.error : json;
  const serviceMessage = printable(error?.message) || printable(json?.error);
  const said = `${printable(error?.type)} ${printable(error?.code)} ${serviceMessage}`;
  const isKnown = said.trim() !== "" || TELLING.has(status) || status >= 500;
  const rule = isKnown
    ? RULES.find(({ statuses, says }) => statuses.includes(status) && (says?.test(said) ?? true))
    : undefined;
  const kind = rule?.kind ?? "unknown";
  const resetsAt = kind === "quota" ? resetOf(body) : undefined;
  const trace = printable(traceId);
  return {
    kind,
    reason: rule?.reason ?? kind,
    status,
    retry: RETRIED.has(kind),
    serviceMessage,
    ...(resetsAt === undefined ? {} : { resetsAt }),
    ...(trace === "" ? {} : { traceId: trace }),
  };
}
