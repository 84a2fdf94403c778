/** A login as opencode 2.x runs it. */

import { assertStorable } from "../../../client/auth_json/store.ts";
import type { Environment } from "../../../client/environment.ts";
import { startLogin } from "../../../client/tokens/device_login.ts";
import { messageOf } from "../../../kimi/errors/kimi_error.ts";
import { loginHosts } from "../../../kimi/identity/login_hosts.ts";
import type { Region } from "../../../kimi/identity/regions.ts";
import { V2_METHODS } from "../../../kimi/identity/v2_login.ts";
import type { PluginOptions } from "../../../kimi/plugin_options.ts";
import { loginInstructions } from "../../login_instructions.ts";
import type { Authorization, OAuthRow } from "../types.ts";
import { inV2Words } from "../words.ts";
import type { Logins } from "./logins.ts";
import { toRow } from "./row.ts";

/** What a login depends on. */
export interface Authorizing {
  readonly environment: Environment;
  readonly options: PluginOptions;
  readonly logins: Logins;
  /** Ends the wait for a user who has given up. */
  readonly signal: AbortSignal;
}

/** Starts a login. `callback` rejects with each failure: opencode shows the message of that rejection alone. */
export async function authorize(given: Authorizing, region: Region): Promise<Authorization> {
  try {
    return await start(given, region);
  } catch (error) {
    const message = inV2Words(messageOf(error));
    return {
      mode: "auto",
      url: `https://www.kimi.${region}/code`,
      instructions: message,
      callback: handled(Promise.reject(new Error(message, { cause: error }))),
    };
  }
}

async function start(given: Authorizing, region: Region): Promise<Authorization> {
  const { environment, options: { client, scope }, signal } = given;
  const hosts = loginHosts(region, environment.variables);
  const file = await environment.authFile();
  if (file !== undefined) await assertStorable(file);
  const login = await startLogin(environment, { hosts, client, scope, signal });
  const { verificationUri: url, userCode, expiresAt } = login;
  return {
    mode: "auto",
    url,
    instructions: `Open ${url}. ${loginInstructions(userCode)}`,
    expiresAt,
    device: true,
    callback: handled(finish(given, region, login.credential)),
  };
}

/** Waits for the user, and stores the login before opencode gets its row. */
async function finish(
  { logins, signal }: Authorizing,
  region: Region,
  credential: Awaited<ReturnType<typeof startLogin>>["credential"],
): Promise<OAuthRow> {
  try {
    const login = await credential();
    await (await logins.store()).save(login, signal);
    return toRow(login, V2_METHODS[region]);
  } catch (error) {
    throw new Error(inV2Words(messageOf(error)), { cause: error });
  }
}

/** An attempt that nobody waits for any more must not end the service. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
