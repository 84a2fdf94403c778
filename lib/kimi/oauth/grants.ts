/** The OAuth 2.0 requests of Kimi Code, each with a function that reads its answer. */

import { CLIENT_ID, DEVICE_CODE_GRANT, OAUTH_PATHS } from "../identity/constants.ts";
import { KimiError } from "../errors/kimi_error.ts";
import {
  isRejection,
  positive,
  readAnswer,
  TOKEN_FIELDS,
  type TokenSet,
  tokenSet,
  unexpectedAnswer,
} from "./response.ts";
import { formRequest, type OAuthTarget } from "./request.ts";
import { printable, text } from "../util/json.ts";
import { conceal } from "../util/redact.ts";

export type { OAuthTarget, TokenSet };

/**
 * The answer to a device authorization request (RFC 8628 §3.2). The device code is not enumerable.
 */
export interface DeviceAuthorization {
  /** A secret that each poll sends. */
  readonly deviceCode: string;
  /** The code that the user compares or types. */
  readonly userCode: string;
  /** The https URL to show and open; it includes the user code if the service sends such a URL. */
  readonly verificationUri: string;
  /** Lifetime of the codes in seconds, at most a day. */
  readonly expiresIn: number;
  /** Least time between polls in seconds, at least 1. */
  readonly interval: number;
}

/** The result of a poll (RFC 8628 §3.5). */
export type PollResult =
  | { readonly kind: "tokens"; readonly tokens: TokenSet }
  | { readonly kind: "authorization_pending" | "slow_down" };

/**
 * Builds the request that starts a device login.
 *
 * @param scope The scope to ask for; `false` sends none, as kimi-cli does.
 * @see RFC 8628 §3.1, kimi-cli 1.51.0 `auth/oauth.py`
 * @example
 * ```ts
 * import { deviceAuthorizationRequest } from "@kimi/full/protocol";
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
 * Builds the request that asks whether the user has confirmed the login.
 *
 * @see RFC 8628 §3.4
 * @example
 * ```ts
 * import { deviceTokenRequest } from "@kimi/full/protocol";
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
 * Builds the request that exchanges a refresh token for a new token set. A refresh token is valid once:
 * if it is sent again, the service revokes the login.
 *
 * @see RFC 6749 §6
 * @example
 * ```ts
 * import { refreshTokenRequest } from "@kimi/full/protocol";
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

/** Accepts only https: the URL is shown in a terminal and opened in a browser. */
function httpsUrl(value: unknown): string | undefined {
  const url = text(value);
  if (url === undefined || !URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  return parsed.protocol === "https:" && parsed.username === "" ? parsed.href : undefined;
}

/**
 * Reads the answer to a {@linkcode deviceAuthorizationRequest}.
 *
 * @throws {KimiError} `oauth_error`, `server_error` or `invalid_answer`, the last also if the
 * verification URL is not https.
 * @see RFC 8628 §3.2
 * @example
 * ```ts
 * import { readDeviceAuthorization } from "@kimi/full/protocol";
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
  if (answer.status !== 200 || json === undefined) throw unexpectedAnswer(doing, answer);
  const deviceCode = text(json.device_code);
  const userCode = text(json.user_code);
  if (deviceCode === undefined || userCode === undefined) {
    throw unexpectedAnswer(doing, answer, "device_code or user_code");
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
 * Reads the answer to a {@linkcode deviceTokenRequest}. While the user has not confirmed, the service
 * answers with status 400, and a few deployments with 200.
 *
 * @param deviceCode The device code that was sent; no error repeats it.
 * @throws {KimiError} `access_denied`, `expired_token`, `oauth_error`, `server_error` (poll again) or
 * `invalid_answer`.
 * @see RFC 8628 §3.5
 * @example
 * ```ts
 * import { readDeviceToken } from "@kimi/full/protocol";
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
  if (status >= 500 || status === 429) throw unexpectedAnswer(doing, answer);
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
  if (tokens === undefined) throw unexpectedAnswer(doing, answer, TOKEN_FIELDS);
  return { kind: "tokens", tokens };
}

/**
 * Reads the answer to a {@linkcode refreshTokenRequest}. Store the new token set before using it.
 *
 * Only an OAuth error in JSON rejects the refresh token: `invalid_grant`, its prose, or status 401 or
 * 403 with such a body. After any other failure, such as a portal's HTML page with status 403, the
 * refresh token is still valid.
 *
 * @param refreshToken The refresh token that was sent; no error repeats it.
 * @throws {KimiError} `invalid_grant` (rejected), `oauth_error`, `server_error` or `invalid_answer`.
 * @see RFC 6749 §5.2
 * @example
 * ```ts
 * import { KimiError, readRefreshedToken } from "@kimi/full/protocol";
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
  throw unexpectedAnswer(doing, answer, TOKEN_FIELDS);
}
