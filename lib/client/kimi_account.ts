/** The parts of `createKimi` that its `fetch` does not need. */

import { KimiError } from "../kimi/errors/kimi_error.ts";
import type { Model } from "../kimi/models/catalog.ts";
import { listModels } from "./account/list_models.ts";
import type { KimiEnvironment } from "./environment.ts";
import type { QuotaRequest } from "./account/fetch_usage.ts";
import type { TokenManager } from "./tokens/token_manager.ts";

export { loginHosts } from "../kimi/identity/login_hosts.ts";
export { fetchUsage } from "./account/fetch_usage.ts";
export { startLogin } from "./tokens/start_login.ts";

/** Lists the account's models; after a 401 once more, with another token. */
export async function fetchModels(
  environment: KimiEnvironment,
  tokens: Pick<TokenManager, "current" | "renew">,
  { client, api }: Pick<QuotaRequest, "client" | "api">,
): Promise<readonly Model[]> {
  const credential = await tokens.current();
  try {
    return await listModels(environment, credential, { client, api: api(credential) });
  } catch (error) {
    if (!(error instanceof KimiError) || error.status !== 401) throw error;
  }
  const renewed = await tokens.renew(credential.access);
  return await listModels(environment, renewed, { client, api: api(renewed) });
}
