/** The login loop of the device authorization grant (RFC 8628 §3.3 to §3.5). */

import type { ClientName } from "../../kimi/identity/constants.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { identityHeaders } from "../../kimi/identity/fingerprint.ts";
import { areDefaultHosts, type Hosts, isPrivate } from "../../kimi/identity/hosts.ts";
import { REGIONS } from "../../kimi/identity/regions.ts";
import {
  type DeviceAuthorization,
  deviceAuthorizationRequest,
  deviceTokenRequest,
  type PollResult,
  readDeviceAuthorization,
  readDeviceToken,
  type TokenSet,
} from "../../kimi/oauth/grants.ts";
import { type FetchEnvironment, fetchWhole, PASSING } from "../net/fetch_whole.ts";
import type { Environment } from "../environment.ts";
import { type Credential, credentialFromTokens } from "./credential.ts";

/** The part of the environment that a login uses. */
export type LoginEnvironment = FetchEnvironment & Pick<Environment, "now" | "sleep" | "device">;

/** How to log in. */
export interface LoginOptions {
  /** The OAuth host. */
  readonly host: string;
  /** Whose identity to send. */
  readonly client: ClientName;
  /** The scope to ask for; false asks for none. */
  readonly scope: string | false;
  /** Ends the login early. */
  readonly signal?: AbortSignal | undefined;
}

/** A login that the user has not confirmed yet. */
export interface PendingLogin {
  /** What to show. */
  readonly authorization: DeviceAuthorization;
  /**
   * Waits until the user has confirmed it, and returns the tokens.
   *
   * @throws {KimiError} `access_denied`, `expired_token`, `aborted`, `oauth_error` or `invalid_answer`.
   */
  readonly tokens: () => Promise<TokenSet>;
}

interface StartedLogin extends Pick<DeviceAuthorization, "verificationUri" | "userCode"> {
  /** When the code expires, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** Waits for the user. */
  readonly credential: () => Promise<Credential>;
}

/** Time limit of each request. */
const TIMEOUT_MS = 30_000;

/** Added to the interval by `slow_down`. Source: RFC 8628 §3.5. */
const SLOW_DOWN_SECONDS = 5;

/**
 * Starts a device login.
 *
 * @throws {KimiError} `unreachable`, `network`, `oauth_error`, `server_error`, `invalid_answer` or
 * `untrusted_host`.
 * @example
 * ```ts
 * import { startDeviceLogin } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const answers = [
 *   { device_code: "d", user_code: "WDJB-MJHT", verification_uri: "https://www.kimi.com/code" },
 *   { access_token: "a", refresh_token: "r", expires_in: 900 },
 * ];
 * const environment = {
 *   fetch: () => Promise.resolve(Response.json(answers.shift())), now: () => 0, sleep: async () => {},
 *   device: async () => ({ node: "vm", system: "", release: "", machine: "", version: "", id: "0" }),
 * };
 * const options = { host: "https://auth.kimi.com", client: "kimi-cli", scope: "kimi-code" } as const;
 * const { authorization, tokens } = await startDeviceLogin(environment, options);
 * assertEquals(authorization.userCode, "WDJB-MJHT");
 * assertEquals((await tokens()).expiresIn, 900);
 * ```
 */
export async function startDeviceLogin(
  environment: LoginEnvironment,
  { host, client, scope, signal }: LoginOptions,
): Promise<PendingLogin> {
  assertSafeHost(host);
  const target = { host, identity: identityHeaders(client, await environment.device(client)) };
  const options = { doing: "Login", timeout: TIMEOUT_MS, signal };
  const send = (request: Request) => fetchWhole(environment, request, options);
  const answer = await send(deviceAuthorizationRequest(target, scope));
  const authorization = await readDeviceAuthorization(answer);
  const { deviceCode, interval, expiresIn } = authorization;
  const ask = async () =>
    await readDeviceToken(await send(deviceTokenRequest(target, deviceCode)), deviceCode);
  return { authorization, tokens: () => poll(environment, ask, { interval, expiresIn }, signal) };
}

/** Starts a device login that ends with a login to store; its hosts are kept unless they are the default ones. */
export async function startLogin(
  environment: LoginEnvironment,
  { hosts, ...options }: Omit<LoginOptions, "host"> & { readonly hosts: Hosts },
): Promise<StartedLogin> {
  const login = await startDeviceLogin(environment, { ...options, host: hosts.oauth });
  const { verificationUri, userCode, expiresIn } = login.authorization;
  const kept = areDefaultHosts(hosts) ? undefined : hosts;
  return {
    verificationUri,
    userCode,
    expiresAt: environment.now() + expiresIn * 1000,
    credential: async () => credentialFromTokens(await login.tokens(), environment.now(), kept),
  };
}

/** A login sends no token, but receives one: https, or http on this machine. */
function assertSafeHost(host: string): void {
  if (URL.canParse(host) && isPrivate(new URL(host))) return;
  throw new KimiError(
    "untrusted_host",
    `Login: ${host} cannot be the OAuth host: it must be https, or http on this machine. ` +
      `Unset KIMI_CODE_OAUTH_HOST and KIMI_OAUTH_HOST for ${REGIONS.com.oauth}`,
  );
}

async function poll(
  environment: LoginEnvironment,
  ask: () => Promise<PollResult>,
  { interval, expiresIn }: Pick<DeviceAuthorization, "interval" | "expiresIn">,
  signal: AbortSignal | undefined,
): Promise<TokenSet> {
  // The waits are counted: the clock may be set meanwhile.
  for (let [seconds, left] = [interval, expiresIn];;) {
    const result = await pollOnce(ask, signal);
    if (result?.kind === "tokens") return result.tokens;
    if (result?.kind === "slow_down") seconds += SLOW_DOWN_SECONDS;
    if (left <= 0) {
      throw new KimiError("expired_token", "Login: the code expired before it was confirmed");
    }
    // The last poll is at the deadline: the user may confirm until then.
    const wait = Math.min(seconds, left);
    left -= wait;
    await environment.sleep(wait * 1000, signal).catch((cause: unknown) => {
      throw aborted(cause);
    });
  }
}

/** Returns undefined if the answer says nothing about the login, such as a dropped connection or a 5xx. */
async function pollOnce(
  ask: () => Promise<PollResult>,
  signal: AbortSignal | undefined,
): Promise<PollResult | undefined> {
  if (signal?.aborted) throw aborted(signal.reason);
  try {
    return await ask();
  } catch (error) {
    if (signal?.aborted) throw aborted(error);
    if (!(error instanceof KimiError) || PASSING.has(error.code)) return undefined;
    throw error;
  }
}

function aborted(cause: unknown): KimiError {
  return new KimiError("aborted", "Login: cancelled", { cause });
}
