/**
 * The account's models, asked for in the background.
 *
 * @see kimi-cli 1.51.0 `auth/platforms.py`: `refresh_managed_models`
 * @module
 */

import { type ClientName, USER_AGENTS } from "../../kimi/identity/constants.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { assertTrusted } from "../../kimi/identity/hosts.ts";
import { parseModels } from "../../kimi/models/response.ts";
import type { Model } from "../../kimi/models/catalog.ts";
import { parseObject } from "../../kimi/util/json.ts";
import type { Credential } from "../tokens/credential.ts";
import type { Environment } from "../environment.ts";

/** The answer is not worth a longer wait. */
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
 * @param credential A login that is valid. It is not refreshed for this: a process that only lists
 * models ends before a new refresh token is stored.
 * @param options Where and as whom.
 * @returns The models.
 * @throws {KimiError} `network`, `server_error`, `invalid_answer` or `untrusted_host`.
 * @example
 * ```ts
 * import { credentialFromTokens, listModels } from "@kimi/full";
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
  environment: Pick<Environment, "fetch">,
  credential: Credential,
  { api, client }: ModelListOptions,
): Promise<readonly Model[]> {
  const url = assertTrusted(`${api}/models`, credential.hosts);
  const response = await environment.fetch(url.href, {
    headers: {
      Authorization: `Bearer ${credential.access}`,
      Accept: "application/json",
      "User-Agent": USER_AGENTS[client],
    },
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new KimiError("network", `Models: no answer from ${url.host}`, { cause });
  });
  const { status } = response;
  const json = parseObject(await response.text());
  if (status !== 200) throw new KimiError("server_error", `Models: HTTP ${status}`, { status });
  if (json === undefined) throw new KimiError("invalid_answer", "Models: the answer is not JSON");
  return parseModels(json);
}
