/** One refresh over the network, tried again only if that is safe, as kimi-cli's `refresh_token` does. */

import type { ClientName } from "../../kimi/identity/constants.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { identityHeaders } from "../../kimi/identity/fingerprint.ts";
import { assertTrusted } from "../../kimi/identity/hosts.ts";
import { readRefreshedToken, refreshTokenRequest, type TokenSet } from "../../kimi/oauth/grants.ts";
import type { Credential } from "./credential.ts";
import { type FetchEnvironment, fetchWhole } from "../net/fetch_whole.ts";
import { withDeadline } from "../net/timeout.ts";
import type { Environment } from "../environment.ts";

type RefreshEnvironment = FetchEnvironment & Pick<Environment, "sleep" | "device">;

/** Waits before the second and the third try. Source: kimi-cli 1.51.0 `auth/oauth.py`. */
const RETRY_DELAYS_MS = [1000, 2000];

/** The statuses after which kimi-cli tries again. Source: kimi-cli `auth/oauth.py`. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/** All tries together. */
const TIMEOUT_MS = 15_000;

/**
 * Trades a refresh token for a new token set. After `unreachable` nothing was sent; after `network` the
 * answer was lost, and the token may be spent.
 */
export async function requestRefresh(
  environment: RefreshEnvironment,
  { refresh, hosts }: Credential,
  { client, host }: { readonly client: ClientName; readonly host: string },
): Promise<TokenSet> {
  assertTrusted(host, hosts);
  const target = { host, identity: identityHeaders(client, await environment.device(client)) };
  return await withDeadline(TIMEOUT_MS, undefined, async (signal) => {
    const options = { doing: "Token refresh", timeout: TIMEOUT_MS, signal };
    const attempt = async () => {
      const request = refreshTokenRequest(target, refresh);
      return await readRefreshedToken(await fetchWhole(environment, request, options), refresh);
    };
    for (const delay of RETRY_DELAYS_MS) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof KimiError) || !RETRIED_STATUSES.has(error.status ?? 0)) throw error;
        await environment.sleep(delay, signal).catch(() => Promise.reject(error));
      }
    }
    return await attempt();
  });
}
