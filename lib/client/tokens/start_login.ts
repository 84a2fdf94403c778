/** A device login that ends with a login to store. */

import type { ClientName } from "../../kimi/identity/constants.ts";
import { areDefaultHosts, type Hosts } from "../../kimi/identity/hosts.ts";
import type { DeviceAuthorization } from "../../kimi/oauth/grants.ts";
import { type Credential, credentialFromTokens } from "./credential.ts";
import { type LoginEnvironment, startDeviceLogin } from "./device_login.ts";

/** Where to log in, and as whom. */
export interface StartLoginOptions {
  readonly hosts: Hosts;
  readonly client: ClientName;
  readonly scope: string | false;
  readonly signal?: AbortSignal | undefined;
}

/** A login that the user has yet to confirm. */
export interface StartedLogin extends Pick<DeviceAuthorization, "verificationUri" | "userCode"> {
  /** When the code expires, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** Waits for the user. */
  readonly credential: () => Promise<Credential>;
}

/** Starts a login; its hosts are kept with it unless they are the default ones. */
export async function startLogin(
  environment: LoginEnvironment,
  { hosts, client, scope, signal }: StartLoginOptions,
): Promise<StartedLogin> {
  const options = { host: hosts.oauth, client, scope, ...(signal === undefined ? {} : { signal }) };
  const { authorization, tokens } = await startDeviceLogin(environment, options);
  const kept = areDefaultHosts(hosts) ? undefined : hosts;
  const { verificationUri, userCode, expiresIn } = authorization;
  return {
    verificationUri,
    userCode,
    expiresAt: environment.now() + expiresIn * 1000,
    credential: async () => credentialFromTokens(await tokens(), environment.now(), kept),
  };
}
