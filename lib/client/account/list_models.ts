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

/** How to ask. */
export interface ModelListOptions {
  /** Whose identity to send. */
  readonly client: ClientName;
  /** The API base. */
  readonly api: string;
}

/**
 * Asks for the account's models, with a token as it is: a process that only lists models ends before a new
 * refresh token is stored.
 *
 * @throws {KimiError} `unreachable`, `network`, `server_error`, `invalid_answer` or `untrusted_host`.
 * @example
 * ```ts
 * import { credentialFromTokens, listModels } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const login = credentialFromTokens({ accessToken: "a", refreshToken: "r" }, 0);
 * const fetch = async () => Response.json({ data: [{ id: "kimi-for-coding" }] });
 * const options = { api: "https://api.kimi.com/coding/v1", client: "kimi-cli" } as const;
 * const models = await listModels({ fetch }, login, options);
 * assertEquals(models.map(({ id }) => id), ["kimi-for-coding"]);
 * ```
 */
export async function listModels(
  environment: FetchEnvironment,
  credential: Credential,
  { api, client }: ModelListOptions,
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
  return await withRenewal(
    tokens,
    (login) => listModels(environment, login, { client, api: api(login) }),
  );
}
