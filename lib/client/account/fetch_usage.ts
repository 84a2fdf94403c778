/** Asks the service what is used of the plan, as `_fetch_usage` of kimi-cli 1.51.0 does. */

import { KimiError } from "../../kimi/errors/kimi_error.ts";
import type { HostWords } from "../../kimi/errors/error_words.ts";
import type { ClientName } from "../../kimi/identity/constants.ts";
import { assertTrusted } from "../../kimi/identity/hosts.ts";
import { parseUsage, type Usage } from "../../kimi/usage/response.ts";
import type { FetchEnvironment } from "../net/fetch_whole.ts";
import type { Credential } from "../tokens/credential.ts";
import type { TokenManager } from "../tokens/token_manager.ts";
import { isStatus, requestApi, withRenewal } from "./api_request.ts";

/** How to ask. */
export interface QuotaRequest {
  readonly client: ClientName;
  /** The API base for a login. */
  readonly api: (credential: Credential) => string;
  /** Time limit for one answer, in milliseconds; 15 s by default. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** What the user can do, for messages. */
  readonly words?: HostWords;
}

const TIMEOUT_MS = 15_000;

/** Below the API base; the second if the first does not exist. Source: the service's clients. */
const PATHS = ["usages", "usage"];

/** Asks with a fresh token, and once more with another one after a 401. */
export async function fetchUsage(
  environment: FetchEnvironment,
  tokens: Pick<TokenManager, "current" | "renew">,
  request: QuotaRequest,
): Promise<Usage> {
  const ask = (credential: Credential) => requestUsage(environment, credential, request);
  return await withRenewal(tokens, ask, request.signal);
}

/** Asks with a token as it is. */
export async function requestUsage(
  environment: FetchEnvironment,
  credential: Credential,
  { api, timeout = TIMEOUT_MS, ...request }: QuotaRequest,
): Promise<Usage> {
  const base = api(credential);
  assertTrusted(base, credential.hosts);
  for (const path of PATHS) {
    const question = { ...request, timeout, doing: "Usage", url: `${base}/${path}` };
    try {
      return parseUsage(await requestApi(environment, credential, question));
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }
  const message = `Usage: ${base} has neither /usages nor /usage (HTTP 404): is ` +
    "KIMI_CODE_BASE_URL right?";
  throw new KimiError("server_error", message, { status: 404 });
}
