/**
 * Answers of a chat that are errors, and errors that were no answers, as opencode reads them.
 *
 * @module
 */

import type { KimiError } from "../protocol/error.ts";
import { errorResponse } from "../protocol/error_response.ts";
import { explainFailure } from "../protocol/failure.ts";
import { regionOf } from "../protocol/regions.ts";
import { invitesRetry } from "../protocol/retry_words.ts";
import type { Credential } from "./credential.ts";

/** An answer, and the login that it was given to. */
export interface AnsweredChat {
  /** The answer. */
  readonly response: Response;
  /** The login. */
  readonly credential: Credential;
}

/** What may be over at the next try. */
const PASSING: ReadonlySet<string> = new Set(["network", "unreachable", "server_error"]);

/**
 * Makes an answer of an error that stopped a request here.
 *
 * @param error The error.
 * @returns The answer.
 */
export function localFailure({ code, message }: KimiError): Response {
  const isFinal = !PASSING.has(code);
  const status = code === "not_logged_in" || code === "invalid_grant" ? 401 : isFinal ? 400 : 503;
  const text = isFinal && invitesRetry(message)
    ? "Kimi: the request could not be sent; the plugin's log lines say why"
    : message;
  return errorResponse(status, code, text);
}

/**
 * Explains an answer that is an error, or a redirect.
 *
 * @param answered The answer; its body is read.
 * @param models Ids of the account's models, as far as they are known.
 * @returns The answer for opencode.
 */
export async function explained(
  { response, credential }: AnsweredChat,
  models: readonly string[] = [],
): Promise<Response> {
  if (response.status >= 400) {
    const region = regionOf(credential.hosts);
    return await explainFailure(response, [credential.access], { region, models });
  }
  await response.body?.cancel();
  return errorResponse(
    400,
    "request",
    "Kimi's API answered with a redirect, which is not followed with a login: check options.baseURL",
  );
}
