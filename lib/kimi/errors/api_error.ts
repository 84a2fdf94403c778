/** An error answer of the API, explained. */

import type { UsageWindow } from "../usage/response.ts";
import { withoutSecrets } from "../util/redact.ts";
import { explainApiError, type FailureContext } from "./error_words.ts";
import { type ApiError, parseApiError } from "./error_table.ts";

/** An error answer with its explanation. */
export interface Failure extends ApiError {
  /** What happened and what to do, in one line; for `unknown` what the service said. */
  readonly message: string;
}

interface ExplainContext extends FailureContext {
  /** Asks which window is used up, if the answer to a refused quota has no reset time. */
  readonly usedUp?: () => Promise<UsageWindow | undefined>;
}

/**
 * Reads an error answer and explains it. The message of a final error has nothing that makes opencode
 * send the request again.
 *
 * @param traceId The answer's `x-trace-id` header.
 * @param context What is known of the account, and the words for what the user can do.
 * @see https://www.kimi.com/code/docs/en/kimi-code/error-reference.html
 * @example
 * ```ts
 * import { readFailure } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const { kind, retry } = readFailure(429, '{"error":{"type":"engine_overloaded_error"}}');
 * assertEquals([kind, retry], ["capacity", true]);
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
 * Replaces an error answer by one that says what to do, without the secrets that were sent. If its form
 * is unknown it keeps its body. A quota's 429 becomes 403, the status of the service's other quota
 * answers, because opencode would send the request again.
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
  const names = ["retry-after", "retry-after-ms", "x-trace-id", "date"];
  for (const name of kind === "unknown" ? [...names, "content-type"] : names) {
    const value = headers.get(name);
    if (value !== null) kept.set(name, value);
  }
  if (kind === "unknown") return new Response(body, { status, headers: kept });
  return errorResponse(status === 429 && !retry ? 403 : status, kind, message, kept);
}

/**
 * Makes an error answer in OpenAI's shape; `headers` are those to keep, such as `retry-after`. The kind
 * `too_large` has OpenAI's code for it, after which opencode compacts the conversation and goes on.
 */
export function errorResponse(
  status: number,
  kind: string,
  message: string,
  headers: Headers = new Headers(),
): Response {
  const answer = new Response(errorBody(kind, message), { status, headers });
  answer.headers.set("content-type", "application/json");
  return answer;
}

/** The body of an error answer in OpenAI's shape. */
export function errorBody(kind: string, message: string): string {
  const code = kind === "too_large" ? { code: "context_length_exceeded" } : {};
  return JSON.stringify({ error: { message, type: `kimi_${kind}`, ...code } });
}
