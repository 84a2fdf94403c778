/** Asks the service for the account's models, as kimi-cli's `refresh_managed_models` does. */

import type { ClientName } from "../../kimi/identity/constants.ts";
import type { Model } from "../../kimi/models/catalog.ts";
import { parseModels } from "../../kimi/models/response.ts";
import type { FetchEnvironment } from "../net/fetch_whole.ts";
import type { Credential } from "../tokens/credential.ts";
import type { TokenManager } from "../tokens/token_manager.ts";
import { requestApi, withRenewal } from "./api_request.ts";
import type { QuotaRequest } from "./fetch_usage.ts";

const TIMEOUT_MS = 30_000;

/** Asks with a token as it is: a process that only lists models ends before a new refresh token is stored. */
export async function listModels(
  environment: FetchEnvironment,
  credential: Credential,
  { api, client }: { readonly api: string; readonly client: ClientName },
): Promise<readonly Model[]> {
  const request = { doing: "Models", timeout: TIMEOUT_MS, url: `${api}/models`, client };
  return parseModels(await requestApi(environment, credential, request));
}

/** Asks with a fresh token, and once more with another one after a 401. */
export async function fetchModels(
  environment: FetchEnvironment,
  tokens: Pick<TokenManager, "current" | "renew">,
  { client, api }: Pick<QuotaRequest, "client" | "api">,
): Promise<readonly Model[]> {
  const ask = (credential: Credential) =>
    listModels(environment, credential, { client, api: api(credential) });
  return await withRenewal(tokens, ask);
}
