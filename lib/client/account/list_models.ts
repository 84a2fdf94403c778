/**
 * Asks the service for the account's models.
 *
 * @see kimi-cli 1.51.0 `auth/platforms.py`: `refresh_managed_models`
 */

import type { ClientName } from "../../kimi/identity/constants.ts";
import type { Model } from "../../kimi/models/catalog.ts";
import { parseModels } from "../../kimi/models/response.ts";
import type { FetchEnvironment } from "../net/fetch_whole.ts";
import type { Credential } from "../tokens/credential.ts";
import { requestApi } from "./api_request.ts";

const TIMEOUT_MS = 30_000;

/** How to ask. */
export interface ModelListOptions {
  /** Whose identity to send. */
  readonly client: ClientName;
  /** The API base. */
  readonly api: string;
}

/**
 * Asks for the account's models.
 *
 * @param environment The network.
 * @param credential A login whose access token is valid. It is not refreshed: a process that only lists
 * models ends before a new refresh token is stored.
 * @param options Where and as whom.
 * @returns The models.
 * @throws {KimiError} `unreachable`, `network`, `server_error`, `invalid_answer` or `untrusted_host`.
 * @example
 * ```ts
 * import { credentialFromTokens, listModels } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const login = credentialFromTokens({ accessToken: "a", refreshToken: "r" }, 0);
 * const fetch = () => Promise.resolve(Response.json({ data: [{ id: "kimi-for-coding" }] }));
 * const models = await listModels({ fetch }, login, {
 *   api: "https://api.kimi.com/coding/v1",
 *   client: "kimi-cli",
 * });
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
