/**
 * The steps of `login`.
 *
 * @module
 */

import { readLogin } from "../../client/auth_json/edit.ts";
import { type Credential, credentialFromTokens } from "../../client/tokens/credential.ts";
import { startDeviceLogin } from "../../client/tokens/device_login.ts";
import type { Environment, SharedFile } from "../../client/environment.ts";
import { readAuthFile } from "../../client/auth_json/store.ts";
import { assertStorable, storeLogin } from "../../client/auth_json/store_login.ts";
import { type ClientName, DEFAULT_SCOPE } from "../../kimi/identity/constants.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { areDefaultHosts, type Hosts } from "../../kimi/identity/hosts.ts";
import type { TokenSet } from "../../kimi/oauth/grants.ts";
import type { AuthPlace } from "../shared/auth_location.ts";
import { type LoginReport, refreshExpires } from "./output.ts";
import { explained } from "../shared/network_advice.ts";

/** What the user wants. */
export interface LoginPlan {
  /** Whose identity to send. */
  readonly client: ClientName;
  /** Where to. */
  readonly hosts: Hosts;
  /** Whether to log in although there is a login. */
  readonly isForced: boolean;
}

/** What a login needs of the outside. */
export interface LoginOutside {
  /** Clock, network and device. */
  readonly environment: Pick<Environment, "fetch" | "now" | "sleep" | "device">;
  /** Where the login is kept. */
  readonly place: AuthPlace;
  /** What is said. */
  readonly report: LoginReport;
  /** Opens a URL; absent where the user wants no browser, or would not see it. */
  readonly openBrowser?: (url: string) => Promise<void>;
}

/**
 * Logs in, unless there is a login. What fails, or is interrupted, leaves everything as it was.
 *
 * @param plan What the user wants.
 * @param outside What is needed of the outside.
 * @param signal Ends it early.
 */
export async function logIn(
  plan: LoginPlan,
  outside: LoginOutside,
  signal: AbortSignal,
): Promise<void> {
  const { environment, place: { file, prepare }, report } = outside;
  const stored = await storedLogin(file);
  if (stored !== undefined && !plan.isForced && isAlive(stored, environment.now())) {
    return report.alreadyLoggedIn({ path: file.path, credential: stored });
  }
  const takeBack = await prepare();
  try {
    await assertStorable(file);
    report.risk();
    const tokens = await confirmedTokens(plan, outside, signal);
    const hosts = areDefaultHosts(plan.hosts) ? undefined : plan.hosts;
    const credential = credentialFromTokens(tokens, environment.now(), hosts);
    await storeLogin(environment, file, credential, signal);
    report.loggedIn({ path: file.path, credential });
  } catch (error) {
    await takeBack();
    if (!signal.aborted) throw error;
    throw new KimiError("aborted", "Interrupted: nothing was changed", { cause: error });
  }
}

async function storedLogin(file: SharedFile): Promise<Credential | undefined> {
  const text = await readAuthFile(file);
  return readLogin(text);
}

function isAlive(credential: Credential, now: number): boolean {
  const until = refreshExpires(credential);
  return until === undefined || until > now;
}

async function confirmedTokens(
  { client, hosts }: LoginPlan,
  { environment, report, openBrowser }: LoginOutside,
  signal: AbortSignal,
): Promise<TokenSet> {
  const host = hosts.oauth;
  const options = { host, client, scope: DEFAULT_SCOPE, signal };
  const explain = async (error: unknown) => {
    throw signal.aborted ? error : await explained("Login", error, host);
  };
  const login = await startDeviceLogin(environment, options).catch(explain);
  const { authorization } = login;
  const expires = environment.now() + authorization.expiresIn * 1000;
  report.confirm(authorization, expires);
  await openBrowser?.(authorization.verificationUri);
  const stop = report.waiting(() => (expires - environment.now()) / 1000);
  return await login.tokens().finally(stop).catch(explain);
}
