/** Answers of a chat that are errors, and errors without an answer, as opencode reads them. */

import { errorResponse, explainFailure } from "../../kimi/errors/api_error.ts";
import type { HostWords } from "../../kimi/errors/error_words.ts";
import type { KimiError, KimiErrorCode } from "../../kimi/errors/kimi_error.ts";
import { withoutRetryWords, wouldRetry } from "../../kimi/errors/opencode_retry.ts";
import type { ClientName } from "../../kimi/identity/constants.ts";
import { regionOf } from "../../kimi/identity/regions.ts";
import { usedUp } from "../../kimi/usage/thresholds.ts";
import { requestUsage } from "../account/fetch_usage.ts";
import type { Environment } from "../environment.ts";
import { type FetchEnvironment, networkFailure, PASSING } from "../net/fetch_whole.ts";
import {
  answerFault,
  classifyNetworkError,
  isFinalFault,
  type NetworkContext,
  networkMessage,
} from "../net/network_error.ts";
import type { Credential } from "../tokens/credential.ts";

/** An answer, and the login that it was given to. */
export interface AnsweredChat {
  readonly response: Response;
  readonly credential: Credential;
}

/** What an answer is explained with. */
export interface Explaining {
  readonly environment: FetchEnvironment & Pick<Environment, "localTime">;
  readonly client: ClientName;
  /** The API base. */
  readonly api: string;
  /** Ids of the account's models, as far as they are known. */
  readonly models: readonly string[] | undefined;
  /** Whether a chat has been answered before. */
  readonly hasWorked: boolean;
  /** What the user can do; plain words by default. */
  readonly words?: (() => Promise<HostWords>) | undefined;
}

/** The user waits for the message meanwhile. */
const QUOTAS_TIMEOUT_MS = 3_000;

/** Explains what the `fetch` of a chat threw. opencode handles a connection that was lost by itself. */
export function chatFailure(cause: unknown, url: string, context: NetworkContext): unknown {
  const isLost = classifyNetworkError(cause).fault === "lost";
  return isLost ? cause : networkFailure("Chat", cause, url, context);
}

const STATUSES: Readonly<Partial<Record<KimiErrorCode, number>>> = {
  not_logged_in: 401,
  invalid_grant: 401,
  too_large: 413,
};

/** Makes an answer of an error that stopped a request before Kimi answered it. */
export function localFailure(error: KimiError): Response {
  const { code, message, cause } = error;
  const isFinal = !PASSING.has(code) || isFinalFault(classifyNetworkError(cause).fault);
  const status = STATUSES[code] ?? (isFinal ? 400 : 503);
  return errorResponse(status, code, isFinal ? finalText(message) : message);
}

/** Omits what makes opencode send the request again. */
function finalText(message: string): string {
  const text = withoutRetryWords(message);
  return wouldRetry(text) ? "Kimi: the request could not be sent" : text;
}

/** Explains an error or a redirect. If a quota is used up, and no time is named, asks once for the usage. */
export async function explained(
  { response, credential }: AnsweredChat,
  { environment, client, api, models, words, hasWorked }: Explaining,
): Promise<Response> {
  const { status } = response;
  const fault = status < 400 ? undefined : answerFault(response);
  if (fault === undefined && status >= 400) {
    const request = { client, api: () => api, timeout: QUOTAS_TIMEOUT_MS };
    return await explainFailure(response, [credential.access], {
      client,
      region: regionOf(credential.hosts),
      models,
      hasWorked,
      words: await words?.(),
      localTime: environment.localTime,
      usedUp: async () => usedUp(await requestUsage(environment, credential, request)),
    });
  }
  await response.body?.cancel();
  if (fault !== undefined) {
    const message = networkMessage("Chat", fault, new URL(api).host, environment);
    return errorResponse(status < 500 ? status : 403, fault, finalText(message));
  }
  const message = "Kimi's API answered with a redirect, which is not followed with a login: " +
    "check options.baseURL";
  return errorResponse(400, "request", message);
}
