/**
 * The OAuth 2.0 steps of Kimi Code as pairs: a function that builds the request, and one that reads
 * the answer.
 *
 * @see RFC 8628 (device authorization grant), RFC 6749 §6 (refreshing an access token)
 * @see kimi-cli 1.51.0 `auth/oauth.py`
 * @module
 */

import { CLIENT_ID, DEVICE_CODE_GRANT, OAUTH_PATHS } from "../identity/constants.ts";
import { KimiError } from "../errors/kimi_error.ts";
import {
  isRejection,
  positive,
  readAnswer,
  TOKEN_FIELDS,
  type TokenSet,
  tokenSet,
  unexpected,
} from "./response.ts";
import { formRequest, type OAuthTarget } from "./request.ts";
import { printable, text } from "../util/json.ts";
import { conceal } from "../util/redact.ts";

export type { OAuthTarget, TokenSet };

/**
 * The answer to a device authorization request (RFC 8628 §3.2). Times are seconds. The device code is
 * not enumerable.
 */
export interface DeviceAuthorization {
  /** What the polls name; a secret. */
  readonly deviceCode: string;
  /** What the user compares or types. */
  readonly userCode: string;
  /** https URL to show and open; holds the user code where the service gives such a one. */
  readonly verificationUri: string;
  /** Lifetime of the codes, in seconds, a day at most. */
  readonly expiresIn: number;
  /** Least time between polls, in seconds, at least 1. */
  readonly interval: number;
}

/** What a poll found (RFC 8628 §3.5). */
export type PollResult =
  | { readonly kind: "tokens"; readonly tokens: TokenSet }
  | { readonly kind: "authorization_pending" | "slow_down" };

/**
 * The request that starts a device login.
 *
 * @param target Where to, and as whom.
 * @param scope The scope to ask for; false sends none, as kimi-cli does.
 * @returns The request.
 * @see RFC 8628 §3.1
 * @example
 * ```ts
 * import { deviceAuthorizationRequest } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const request = deviceAuthorizationRequest({ host: "https://auth.kimi.com", identity: {} }, false);
 * assertEquals(await request.text(), "client_id=17e5f671-d194-4dfb-9706-5516cb48c098");
 * ```
 */
export function deviceAuthorizationRequest(target: OAuthTarget, scope: string | false): Request {
  return formRequest(target, OAUTH_PATHS.deviceAuthorization, {
    client_id: CLIENT_ID,
    ...(scope === false ? {} : { scope }),
  });
}

/**
 * The request that asks whether the user has confirmed.
 *
 * @param target Where to, and as whom.
 * @param deviceCode From the device authorization.
 * @returns The request.
 * @see RFC 8628 §3.4
 * @example
 * ```ts
 * import { deviceTokenRequest } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const request = deviceTokenRequest({ host: "https://auth.kimi.com", identity: {} }, "code");
 * assertEquals((await request.formData()).get("device_code"), "code");
 * ```
 */
export function deviceTokenRequest(target: OAuthTarget, deviceCode: string): Request {
  return formRequest(target, OAUTH_PATHS.token, {
    client_id: CLIENT_ID,
    device_code: deviceCode,
    grant_type: DEVICE_CODE_GRANT,
  });
}

/**
 * The request that trades a refresh token for a new token set. The service rotates refresh tokens:
 * one that comes back a second time revokes all that came of it.
 *
 * @param target Where to, and as whom.
 * @param refreshToken The current refresh token.
 * @returns The request.
 * @see RFC 6749 §6
 * @example
 * ```ts
 * import { refreshTokenRequest } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const request = refreshTokenRequest({ host: "https://auth.kimi.com", identity: {} }, "token");
 * assertEquals((await request.formData()).get("grant_type"), "refresh_token");
 * ```
 */
export function refreshTokenRequest(target: OAuthTarget, refreshToken: string): Request {
  return formRequest(target, OAUTH_PATHS.token, {
    client_id: CLIENT_ID,
    grant_type: "refresh_token",
    refresh_token: refreshToken,
  });
}

/** Only a https URL is shown or opened: text of a server ends in a terminal and a browser here. */
function httpsUrl(value: unknown): string | undefined {
  const url = text(value);
  if (url === undefined || !URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  return parsed.protocol === "https:" && parsed.username === "" ? parsed.href : undefined;
}

/**
 * Reads the answer to a {@linkcode deviceAuthorizationRequest}.
 *
 * @param response The answer.
 * @returns Codes, URL and times.
 * @throws {KimiError} `oauth_error`, `server_error` or `invalid_answer`, the last also where the
 * verification URL is not https.
 * @see RFC 8628 §3.2
 * @example
 * ```ts
 * import { readDeviceAuthorization } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const answer = Response.json({
 *   device_code: "code",
 *   user_code: "WDJB-MJHT",
 *   verification_uri: "https://www.kimi.com/code/authorize_device",
 * });
 * const { userCode, interval } = await readDeviceAuthorization(answer);
 * assertEquals([userCode, interval], ["WDJB-MJHT", 5]);
 * ```
 */
export async function readDeviceAuthorization(response: Response): Promise<DeviceAuthorization> {
  const doing = "Device authorization";
  const answer = await readAnswer(response);
  const { json } = answer;
  if (answer.status !== 200 || json === undefined) throw unexpected(doing, answer);
  const deviceCode = text(json.device_code);
  const userCode = text(json.user_code);
  if (deviceCode === undefined || userCode === undefined) {
    throw unexpected(doing, answer, "device_code or user_code");
  }
  const verificationUri = httpsUrl(json.verification_uri_complete) ??
    httpsUrl(json.verification_uri);
  if (verificationUri === undefined) {
    throw new KimiError("invalid_answer", `${doing} failed: no https verification URL was given`);
  }
  return conceal({
    userCode: printable(userCode),
    verificationUri,
    // A timer, which has 32 bits of milliseconds, runs out at once beyond 24 days.
    expiresIn: Math.min(positive(json.expires_in) ?? 900, 86_400),
    interval: Math.max(positive(json.interval) ?? 5, 1),
  }, { deviceCode });
}

/**
 * Reads the answer to a {@linkcode deviceTokenRequest}. Pending answers come with 400, and with 200
 * from a few deployments.
 *
 * @param response The answer.
 * @param deviceCode What was sent, and must not be repeated in an error.
 * @returns Tokens, or that the user has not confirmed yet.
 * @throws {KimiError} `access_denied`, `expired_token`, `oauth_error`, `server_error` (worth
 * another poll) or `invalid_answer`.
 * @see RFC 8628 §3.5
 * @example
 * ```ts
 * import { readDeviceToken } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const answer = Response.json({ error: "slow_down" }, { status: 400 });
 * assertEquals(await readDeviceToken(answer), { kind: "slow_down" });
 * ```
 */
export async function readDeviceToken(
  response: Response,
  deviceCode?: string,
): Promise<PollResult> {
  const doing = "Login";
  const answer = await readAnswer(response, deviceCode === undefined ? [] : [deviceCode]);
  const { error, status } = answer;
  if (status >= 500 || status === 429) throw unexpected(doing, answer);
  if (error === "authorization_pending" || error === "slow_down") return { kind: error };
  if (error === "access_denied") {
    throw new KimiError(error, `${doing} failed: it was refused in the browser`, { status });
  }
  if (error === "expired_token") {
    throw new KimiError(error, `${doing} failed: the code expired before it was confirmed`, {
      status,
    });
  }
  const tokens = status === 200 ? tokenSet(answer.json) : undefined;
  if (tokens === undefined) throw unexpected(doing, answer, TOKEN_FIELDS);
  return { kind: "tokens", tokens };
}

/**
 * Reads the answer to a {@linkcode refreshTokenRequest}.
 *
 * Rejected is only what an OAuth error in JSON says: `invalid_grant`, its prose, or 401/403 with
 * such a body. A portal's HTML page with status 403 is a failure, after which the refresh token is
 * as good as before.
 *
 * @param response The answer.
 * @param refreshToken What was sent, and must not be repeated in an error.
 * @returns The new token set, to be stored before it is used.
 * @throws {KimiError} `invalid_grant` (rejected), `oauth_error`, `server_error` or `invalid_answer`.
 * @see RFC 6749 §5.2
 * @example
 * ```ts
 * import { KimiError, readRefreshedToken } from "@kimi/full";
 * import { assertRejects } from "@std/assert";
 *
 * const answer = Response.json({ error: "invalid_grant" }, { status: 400 });
 * await assertRejects(() => readRefreshedToken(answer), KimiError, "rejected");
 * ```
 */
export async function readRefreshedToken(
  response: Response,
  refreshToken?: string,
): Promise<TokenSet> {
  const doing = "Token refresh";
  const answer = await readAnswer(response, refreshToken === undefined ? [] : [refreshToken]);
  const { status } = answer;
  const tokens = status === 200 ? tokenSet(answer.json) : undefined;
  if (tokens !== undefined) return tokens;
  if (isRejection(answer)) {
    throw new KimiError("invalid_grant", `${doing} was rejected: ${answer.summary}`, { status });
  }
  throw unexpected(doing, answer, TOKEN_FIELDS);
}
