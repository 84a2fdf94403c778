/**
 * Answers of a chat that are errors, and errors that were no answers, as opencode reads them.
 *
 * @module
 */

import type { ClientName } from "../../kimi/identity/constants.ts";
import type { KimiError } from "../../kimi/errors/kimi_error.ts";
import { errorResponse } from "../../kimi/errors/error_response.ts";
import { explainFailure } from "../../kimi/errors/api_error.ts";
import { regionOf } from "../../kimi/identity/regions.ts";
import { withoutRetryWords, wouldRetry } from "../../kimi/errors/opencode_retry.ts";
import { usedUp } from "../../kimi/usage/thresholds.ts";
import type { Credential } from "../tokens/credential.ts";
import type { Environment } from "../environment.ts";
import { requestUsage } from "../account/fetch_usage.ts";

/** An answer, and the login that it was given to. */
export interface AnsweredChat {
  /** The answer. */
  readonly response: Response;
  /** The login. */
  readonly credential: Credential;
}

/** What an answer is explained with. */
export interface Explaining {
  /** Network and clock. */
  readonly environment: Pick<Environment, "fetch" | "localTime">;
  /** Whose identity to send. */
  readonly client: ClientName;
  /** The API base. */
  readonly api: string;
  /** Ids of the account's models, as far as they are known. */
  readonly models: readonly string[] | undefined;
}

/** The user waits for the message meanwhile. */
const QUOTAS_TIMEOUT_MS = 3_000;

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
  const text = isFinal ? withoutRetryWords(message) : message;
  const isFit = !isFinal || !wouldRetry(text);
  return errorResponse(status, code, isFit ? text : "Kimi: the request could not be sent");
}

/**
 * Explains an answer that is an error, or a redirect. Where a quota was refused, and the answer does not
 * say until when, the service is asked once for the quotas.
 *
 * @param answered The answer; its body is read.
 * @param explaining What it is explained with.
 * @returns The answer for opencode.
 */
export async function explained(
  { response, credential }: AnsweredChat,
  { environment, client, api, models }: Explaining,
): Promise<Response> {
  if (response.status >= 400) {
    const request = { client, api: () => api, timeout: QUOTAS_TIMEOUT_MS };
    return await explainFailure(response, [credential.access], {
      region: regionOf(credential.hosts),
      models,
      localTime: environment.localTime,
      usedUp: async () => usedUp(await requestUsage(environment, credential, request)),
    });
  }
  await response.body?.cancel();
  return errorResponse(
    400,
    "request",
    "Kimi's API answered with a redirect, which is not followed with a login: check options.baseURL",
  );
}
