/**
 * The login as opencode runs it.
 *
 * @module
 */

import { credentialFromTokens, toAuthEntry } from "../../client/tokens/credential.ts";
import { startDeviceLogin } from "../../client/tokens/device_login.ts";
import type { Environment } from "../../client/environment.ts";
import { areDefaultHosts } from "../../kimi/identity/hosts.ts";
import { loginHosts } from "../../kimi/identity/login_hosts.ts";
import type { Region } from "../../kimi/identity/regions.ts";
import type { PluginOptions } from "../../kimi/plugin_options.ts";
import type { AuthorizeResult } from "./types.ts";

/**
 * Starts a login.
 *
 * @param environment Clock, network and device.
 * @param options Identity and scope.
 * @param region The region that the user chose.
 * @param baseUrl `options.baseURL` of the provider.
 * @returns What opencode shows, and what it calls to wait for the user.
 */
export async function authorize(
  environment: Environment,
  { client, scope }: PluginOptions,
  region: Region,
  baseUrl?: string,
): Promise<AuthorizeResult> {
  const hosts = loginHosts(region, environment.variables, baseUrl);
  const login = await startDeviceLogin(environment, { host: hosts.oauth, client, scope });
  const { userCode, verificationUri } = login.authorization;
  const kept = areDefaultHosts(hosts) ? undefined : hosts;
  return {
    url: verificationUri,
    instructions: `Confirm the code ${userCode} in the browser. Kimi ties this login to its own ` +
      'clients and may suspend accounts; "client": "opencode" in the plugin options sends an ' +
      "honest identity (see the README)",
    method: "auto",
    async callback() {
      const { type: _, ...entry } = toAuthEntry(
        credentialFromTokens(await login.tokens(), environment.now(), kept),
      );
      return { type: "success", ...entry };
    },
  };
}
