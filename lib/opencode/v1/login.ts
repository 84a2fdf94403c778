/** A login as opencode 1.x runs it. */

import { toAuthEntry } from "../../client/tokens/credential.ts";
import { startLogin } from "../../client/tokens/device_login.ts";
import type { Environment } from "../../client/environment.ts";
import { loginHosts } from "../../kimi/identity/login_hosts.ts";
import type { Region } from "../../kimi/identity/regions.ts";
import type { PluginOptions } from "../../kimi/plugin_options.ts";
import { loginInstructions } from "../login_instructions.ts";
import type { AuthorizeResult } from "./types.ts";

/** Starts a login; returns what opencode shows, and the function that waits for the user. */
export async function authorize(
  environment: Environment,
  { client, scope }: PluginOptions,
  region: Region,
  baseUrl?: string,
): Promise<AuthorizeResult> {
  const hosts = loginHosts(region, environment.variables, baseUrl);
  const login = await startLogin(environment, { hosts, client, scope });
  return {
    url: login.verificationUri,
    instructions: loginInstructions(login.userCode),
    method: "auto",
    async callback() {
      const { type: _, ...entry } = toAuthEntry(await login.credential());
      return { type: "success", ...entry };
    },
  };
}
