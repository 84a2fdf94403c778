/** Errors within a stream, in the form in which opencode reads those of an answer. */

import type { KimiError } from "../../kimi/errors/kimi_error.ts";
import { errorBody } from "../../kimi/errors/api_error.ts";

/** What the AI SDK's `APICallError.isInstance` looks for. Source: `@ai-sdk/provider` 3. */
const MARKS = ["vercel.ai.error", "vercel.ai.error.AI_APICallError"].map((key) => Symbol.for(key));

/**
 * Marks an error as an error answer of an API, with the members that opencode decides by: whether it asks
 * again, compacts the conversation or stops.
 */
export function asApiCallError(
  error: KimiError,
  { kind, status, retry }: {
    readonly kind: string;
    readonly status: number;
    readonly retry: boolean;
  },
): KimiError {
  const marks = Object.fromEntries(MARKS.map((mark) => [mark, true]));
  return Object.assign(error, marks, {
    url: "",
    requestBodyValues: {},
    statusCode: status,
    responseHeaders: {},
    responseBody: errorBody(kind, error.message),
    isRetryable: retry,
  });
}
