/**
 * What an error answer of the API means, whether sending again helps, and what the user can do.
 *
 * @see https://www.kimi.com/code/docs/en/kimi-code/error-reference.html
 * @module
 */

import { errorResponse } from "./error_response.ts";
import { loginRejected } from "../identity/login_messages.ts";
import { resetOf, resetText } from "./reset_time.ts";
import type { Region } from "../identity/regions.ts";
import { isObject, parseObject, printable } from "../util/json.ts";
import { withoutRetryWords, wouldRetry } from "./opencode_retry.ts";
import { withoutSecrets } from "../util/redact.ts";
import type { UsageWindow } from "../usage/response.ts";

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
  | "network"
  | "unknown";

/** An error answer, understood. */
export interface Failure {
  /** What went wrong. */
  readonly kind: FailureKind;
  /** What happened and what to do, in one line; for `unknown` what the service said. */
  readonly message: string;
  /** Whether the same request may succeed if it is sent again after a while. */
  readonly retry: boolean;
  /** When a quota starts anew, in milliseconds since 1970, where the answer says so. */
  readonly resetsAt?: number;
}

/** What is known of the account that a request was sent for. */
export interface FailureContext {
  /** Where it is. */
  readonly region?: Region | undefined;
  /** Ids of its models. */
  readonly models?: readonly string[] | undefined;
  /** The window whose quota is used up. */
  readonly window?: UsageWindow | undefined;
  /** Writes a time, in milliseconds since 1970, as the user's clock shows it; in UTC unless given. */
  readonly localTime?: (time: number) => string;
}

/** What is known of the account, and what can be learned. */
export interface ExplainContext extends FailureContext {
  /** Asks which window is used up. */
  readonly usedUp?: () => Promise<UsageWindow | undefined>;
}

/** `kimi.com` stands for the region of the account. */
interface Row {
  readonly kind: FailureKind;
  readonly statuses: readonly number[];
  /** Of the error's type, code and message. */
  readonly says?: RegExp;
  readonly message: string;
}

/** The first row that fits counts. */
const ROWS: readonly Row[] = [
  {
    kind: "token",
    statuses: [401],
    message: loginRejected("com"),
  },
  {
    kind: "plan",
    statuses: [402],
    message: "Kimi cannot verify the membership: check the plan at https://www.kimi.com/code",
  },
  {
    kind: "quota",
    statuses: [403, 429],
    says: /exceeded_current_quota|usage limit|quota/i,
    message: "The plan's quota is used up: wait for its reset, see https://www.kimi.com/code",
  },
  {
    kind: "client_gate",
    statuses: [403],
    says: /only available for coding agents/i,
    message:
      'Kimi refused this client\'s identity: set the plugin option "client": "opencode" to ' +
      "send this plugin's own name instead of kimi-cli's, or use an API key of the plan",
  },
  {
    kind: "ban",
    statuses: [403],
    says: /community guidelines|access terminated\./i,
    message: "Kimi has closed this account's access: see its Community Guidelines, or write to " +
      "code@moonshot.ai",
  },
  {
    kind: "capacity",
    statuses: [429, 503],
    says: /overloaded/i,
    message: "Kimi's engine is overloaded",
  },
  { kind: "rate", statuses: [429], message: "Kimi receives too many requests from this account" },
  {
    kind: "moderation",
    statuses: [400],
    says: /high risk/i,
    message:
      "Kimi considers the request high risk: change the last message, or start a new session",
  },
  {
    kind: "request",
    statuses: [400, 413, 422],
    says: /message size|token limit/i,
    message: "The conversation is too long for the model: run /compact, or start a new session",
  },
  {
    kind: "request",
    statuses: [413],
    message: "The request is too large for Kimi: take back what is large, such as images, with " +
      "/undo, or start a new session",
  },
  { kind: "request", statuses: [400, 422], message: "Kimi refused the request" },
  { kind: "request", statuses: [403], message: "Kimi refused this: see https://www.kimi.com/code" },
  {
    kind: "model",
    statuses: [404],
    message: "Kimi does not know the model, or the plan does not include it: choose another one",
  },
  { kind: "server", statuses: [500, 502, 503, 504, 529], message: "Kimi's service has a failure" },
];

const RETRIED: ReadonlySet<FailureKind> = new Set(["capacity", "rate", "server", "network"]);

/** What the service said, as far as it can be shown. */
function sayingOf(body: string): { readonly type: string; readonly message: string } {
  const json = parseObject(body);
  const error = isObject(json?.error) ? json.error : json;
  return {
    type: `${printable(error?.type)} ${printable(error?.code)}`.trim(),
    message: printable(error?.message) || printable(json?.error),
  };
}

/**
 * Reads an error answer.
 *
 * @param status Its status.
 * @param body Its body.
 * @param traceId Its `x-trace-id` header.
 * @param context What is known of the account.
 * @returns What it means. The message of one that sending again does not help is free of what makes
 * opencode do so: a trace id, or the words and numbers of the service that would, are left out.
 * @example
 * ```ts
 * import { readFailure } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const body = '{"error":{"type":"engine_overloaded_error","message":"…"}}';
 * assertEquals(readFailure(429, body).kind, "capacity");
 * assertEquals(readFailure(429, body).retry, true);
 * ```
 */
export function readFailure(
  status: number,
  body: string,
  traceId?: string | null,
  context: FailureContext = {},
): Failure {
  const { type, message } = sayingOf(body);
  const said = `${type} ${message}`;
  const known = said.trim() !== "" || [401, 402, 413].includes(status) || status >= 500;
  const row = known
    ? ROWS.find((row) => row.statuses.includes(status) && (row.says?.test(said) ?? true))
    : undefined;
  if (row === undefined) return { kind: "unknown", message: message || body, retry: false };
  const retry = RETRIED.has(row.kind);
  const { region = "com", models = [], window } = context;
  let text = row.message.replaceAll("kimi.com", `kimi.${region}`);
  const add = (...parts: readonly string[]) => {
    text += parts.find((part) => retry || !wouldRetry(`${text}${part}`)) ?? "";
  };
  const resetsAt = row.kind === "quota" ? resetOf(body) ?? window?.resetsAt : undefined;
  if (row.kind === "quota") add(resetText(resetsAt, window, context.localTime));
  if (row.kind === "model" && models.length > 0) {
    add(`. The account has ${models.map((model) => printable(model)).join(", ")}`);
  }
  const saying = message === "" || row.kind === "token" ? "" : `. Kimi says: ${message}`;
  add(saying, withoutRetryWords(saying));
  const trace = printable(traceId);
  if (trace !== "") add(` (trace id ${trace})`);
  return { kind: row.kind, message: text, retry, ...(resetsAt === undefined ? {} : { resetsAt }) };
}

/**
 * Replaces an error answer by one that says what to do. One that is not understood is passed on
 * whole.
 *
 * @param response An answer with a status of 400 or more; its body is read.
 * @param secrets What was sent, and must not be repeated.
 * @param context What is known of the account. Where a quota was refused, and the answer does not say
 * when it resets, `usedUp` is asked; that it fails is no failure.
 * @returns The answer for opencode. Its status is the same, but for a quota's 429, which opencode
 * would send again, and which becomes 403, the status of the service's other quota answers.
 * @example
 * ```ts
 * import { explainFailure } from "@kimi/full";
 * import { assertEquals, assertMatch } from "@std/assert";
 *
 * const error = { message: "Message size exceeds the token limit" };
 * const explained = await explainFailure(Response.json({ error }, { status: 400 }));
 * assertEquals(explained.status, 400);
 * assertMatch((await explained.json()).error.message, /^The conversation is too long/);
 * ```
 */
export async function explainFailure(
  response: Response,
  secrets: readonly string[] = [],
  context: ExplainContext = {},
): Promise<Response> {
  const body = withoutSecrets(await response.text(), secrets);
  const { status, headers } = response;
  const trace = headers.get("x-trace-id");
  let failure = readFailure(status, body, trace, context);
  if (failure.kind === "quota" && failure.resetsAt === undefined) {
    const window = await context.usedUp?.().catch(() => undefined);
    failure = readFailure(status, body, trace, { ...context, window });
  }
  const { kind, message, retry } = failure;
  const kept = new Headers();
  for (const name of ["retry-after", "retry-after-ms", "x-trace-id", "date"]) {
    const value = headers.get(name);
    if (value !== null) kept.set(name, value);
  }
  if (kind === "unknown") {
    const contentType = headers.get("content-type");
    if (contentType !== null) kept.set("content-type", contentType);
    return new Response(body, { status, headers: kept });
  }
  return errorResponse(status === 429 && !retry ? 403 : status, kind, message, kept);
}
