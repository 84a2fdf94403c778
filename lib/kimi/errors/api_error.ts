/** An error answer of the API, explained. */

import type { UsageWindow } from "../usage/response.ts";
import { withoutSecrets } from "../util/redact.ts";
import { errorResponse } from "./error_response.ts";
import { explainApiError, type FailureContext, type HostWords } from "./error_words.ts";
import { type ApiError, type FailureKind, parseApiError } from "./error_table.ts";

export type { ApiError, FailureContext, FailureKind, HostWords };

/** An error answer with its explanation. */
export interface Failure extends ApiError {
  /** What happened and what to do, in one line; for `unknown` what the service said. */
  readonly message: string;
}

/** What is known of the account, and what can be learned. */
export interface ExplainContext extends FailureContext {
  /** Asks which window is used up. */
  readonly usedUp?: () => Promise<UsageWindow | undefined>;
}

/**
 * Reads an error answer and explains it.
 *
 * @param status Its HTTP status.
 * @param body Its body.
 * @param traceId Its `x-trace-id` header.
 * @param context What is known of the account, and the words for what the user can do.
 * @returns The error as data, with a message. If sending the request again is useless, the message has
 * nothing that makes opencode do so.
 * @example
 * ```ts
 * import { readFailure } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const body = '{"error":{"type":"engine_overloaded_error","message":"…"}}';
 * const { kind, retry, message } = readFailure(429, body);
 * assertEquals([kind, retry], ["capacity", true]);
 * assertEquals(message, "Kimi's engine is overloaded. Kimi says: …");
 * ```
 */
export function readFailure(
  status: number,
  body: string,
  traceId?: string | null,
  context: FailureContext = {},
): Failure {
  const [error, explanation] = parseApiError(status, body, traceId);
  const { kind, serviceMessage } = error;
  if (kind === "unknown") return { ...error, message: serviceMessage || body };
  const resetsAt = kind === "quota" ? error.resetsAt ?? context.window?.resetsAt : undefined;
  const message = explainApiError(error, explanation, context);
  return { ...error, ...(resetsAt === undefined ? {} : { resetsAt }), message };
}

/**
 * Replaces an error answer by one that says what to do. An answer whose form is unknown keeps its body.
 *
 * @param response An answer with a status of 400 or more; its body is read.
 * @param secrets What was sent, and must not be repeated.
 * @param context What is known of the account. If a quota was refused and the answer does not say when it
 * resets, `usedUp` is asked; if that fails, the explanation is shorter.
 * @returns An answer with the same status, except for a quota's 429: it becomes 403, the status of the
 * service's other quota answers, because opencode would send the request again.
 * @example
 * ```ts
 * import { explainFailure } from "@kimi/full/protocol";
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
