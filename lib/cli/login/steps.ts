/** The steps of `login`. */

import { readLogin } from "../../client/auth_json/edit.ts";
import { credentialFromTokens } from "../../client/tokens/credential.ts";
import { startDeviceLogin } from "../../client/tokens/device_login.ts";
import type { Environment } from "../../client/environment.ts";
import { assertStorable, createAuthJsonStore, readAuthFile } from "../../client/auth_json/store.ts";
import { type ClientName, SCOPES } from "../../kimi/identity/constants.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { areDefaultHosts, type Hosts } from "../../kimi/identity/hosts.ts";
import type { TokenSet } from "../../kimi/oauth/grants.ts";
import type { AuthLocation } from "../shared/auth_location.ts";
import { explained } from "../shared/network_advice.ts";
import { refreshExpires } from "../shared/refresh_expiry.ts";
import type { LoginOutput } from "./output.ts";

/** What a login depends on. */
interface LoginDeps {
  readonly client: ClientName;
  readonly hosts: Hosts;
  readonly isForced: boolean;
  readonly environment: Pick<Environment, "fetch" | "now" | "sleep" | "device">;
  readonly location: AuthLocation;
  readonly output: LoginOutput;
  /** Opens a URL; undefined if no browser should be opened. */
  readonly openBrowser: ((url: string) => Promise<void>) | undefined;
}

/** The device id is created before the first request, and kimi-cli may already use it. */
const INTERRUPTED =
  "Interrupted: no new login was stored; if there was no device id, a new one may have been created";

/** Logs in, unless already logged in. A failure or an abort leaves auth.json and its folder unchanged. */
export async function logIn(deps: LoginDeps, signal: AbortSignal): Promise<void> {
  const { environment, location: { file, isOpencodes, prepare }, output } = deps;
  const stored = readLogin(await readAuthFile(file));
  const isValid = stored !== undefined &&
    (refreshExpires(stored) ?? Infinity) > environment.now();
  if (isValid && !deps.isForced) {
    return output.alreadyLoggedIn({ path: file.path, isOpencodes, credential: stored });
  }
  const undo = await prepare();
  try {
    await assertStorable(file);
    const tokens = await requestTokens(deps, signal);
    const hosts = areDefaultHosts(deps.hosts) ? undefined : deps.hosts;
    const credential = credentialFromTokens(tokens, environment.now(), hosts);
    await createAuthJsonStore(environment, file).save(credential, signal);
    output.loggedIn({ path: file.path, isOpencodes, credential });
  } catch (error) {
    await undo();
    if (!signal.aborted) throw error;
    throw new KimiError("aborted", INTERRUPTED, { cause: error });
  }
}

/** Asks the user to confirm, and waits for the tokens. */
async function requestTokens(
  { client, hosts, environment, output, openBrowser }: LoginDeps,
  signal: AbortSignal,
): Promise<TokenSet> {
  const host = hosts.oauth;
  const options = { host, client, scope: SCOPES[client], signal };
  const explain = async (error: unknown) => {
    throw signal.aborted ? error : await explained("Login", error, host);
  };
  const login = await startDeviceLogin(environment, options).catch(explain);
  const { authorization } = login;
  const expires = environment.now() + authorization.expiresIn * 1000;
  output.confirm(authorization, expires);
  await openBrowser?.(authorization.verificationUri);
  const stop = output.waiting(() => (expires - environment.now()) / 1000);
  return await login.tokens().finally(stop).catch(explain);
}
