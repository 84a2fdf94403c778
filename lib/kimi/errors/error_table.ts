/**
 * The errors of the API: how each is recognized and explained.
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

/** An answer of the error reference. */
interface Rule {
  readonly kind: FailureKind;
  readonly statuses: readonly number[];
  /** Matches the error's type, code and message. */
  readonly says?: RegExp;
  /** `{name}` stands for the host's words, and `kimi.com` for the region of the account. */
  readonly explanation: string;
}

/** The first rule that fits counts. */
const RULES: readonly Rule[] = [
  { kind: "token", statuses: [401], explanation: "Kimi refuses this account" },
  {
    kind: "plan",
    statuses: [402],
    explanation: "Kimi cannot verify the membership: check the plan at https://www.kimi.com/code",
  },
  {
    kind: "quota",
    statuses: [403, 429],
    says: /exceeded_current_quota|usage limit|quota/i,
    explanation: "The plan's quota is used up: wait for its reset, see https://www.kimi.com/code",
  },
  {
    kind: "client_gate",
    statuses: [403],
    says: /only available for coding agents/i,
    explanation: "Kimi refused this client's identity: {client}, or use an API key of the plan",
  },
  {
    kind: "ban",
    statuses: [403],
    says: /community guidelines|access terminated\./i,
    explanation:
      "Kimi has closed this account's access: see its Community Guidelines, or write to " +
      "code@moonshot.ai",
  },
  {
    kind: "capacity",
    statuses: [429, 503],
    says: /overloaded/i,
    explanation: "Kimi's engine is overloaded",
  },
  {
    kind: "rate",
    statuses: [429],
    explanation: "Kimi receives too many requests from this account",
  },
  {
    kind: "moderation",
    statuses: [400],
    says: /high risk/i,
    explanation: "Kimi considers the request high risk: {rephrase}",
  },
  {
    kind: "request",
    statuses: [400, 413, 422],
    says: /message size|token limit/i,
    explanation: "The conversation is too long for the model: {shorten}",
  },
  {
    kind: "request",
    statuses: [413],
    explanation: "The request is too large for Kimi: {remove}",
  },
  { kind: "request", statuses: [400, 422], explanation: "Kimi refused the request" },
  {
    kind: "request",
    statuses: [403],
    explanation: "Kimi refused this: see https://www.kimi.com/code",
  },
  {
    kind: "model",
    statuses: [404],
    explanation:
      "Kimi does not know the model, or the plan does not include it: choose another one",
  },
  {
    kind: "server",
    statuses: [500, 502, 503, 504, 529],
    explanation: "Kimi's service has a failure",
  },
];

const RETRIED: ReadonlySet<FailureKind> = new Set(["capacity", "rate", "server"]);

/** Statuses that mean the same without a JSON body. */
const TELLING: ReadonlySet<number> = new Set([401, 402, 413]);

/** Reads an error answer, which is `unknown` if its form is not the service's; with its explanation. */
export function parseApiError(
  status: number,
  body: string,
  traceId?: string | null,
): readonly [error: ApiError, explanation: string] {
  const json = parseObject(body);
  const error = isObject(json?.error) ? json.error : json;
  const serviceMessage = printable(error?.message) || printable(json?.error);
  const said = `${printable(error?.type)} ${printable(error?.code)} ${serviceMessage}`;
  const isKnown = said.trim() !== "" || TELLING.has(status) || status >= 500;
  const rule = isKnown
    ? RULES.find(({ statuses, says }) => statuses.includes(status) && (says?.test(said) ?? true))
    : undefined;
  const { kind = "unknown", explanation = "" } = rule ?? {};
  const resetsAt = kind === "quota" ? resetOf(body) : undefined;
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
