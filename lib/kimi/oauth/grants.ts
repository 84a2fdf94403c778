/** The OAuth 2.0 requests of Kimi Code, each with a function that reads its answer. */

import { CLIENT_ID } from "../identity/constants.ts";
import { KimiError } from "../errors/kimi_error.ts";
import { isRejection, readAnswer, type TokenSet, tokenSet, unexpectedAnswer } from "./response.ts";
import { positive, printable, text } from "../util/json.ts";
import { conceal } from "../util/redact.ts";

export type { TokenSet };

const TOKEN_PATH = "/api/oauth/token";

/** Where to send an OAuth request, and whose identity to send. */
export interface OAuthTarget {
  /** The OAuth host, such as `https://auth.kimi.com`. */
  readonly host: string;
  /** Identity headers, from `identityHeaders`. */
  readonly identity: Readonly<Record<string, string>>;
}

/** The answer to a device authorization request (RFC 8628 §3.2); its device code is not enumerable. */
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
 * Builds the request that starts a device login; without a scope if that is `false`, as in kimi-cli.
 *
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
  const form = { client_id: CLIENT_ID, ...(scope === false ? {} : { scope }) };
  return formRequest(target, "/api/oauth/device_authorization", form);
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
  return formRequest(target, TOKEN_PATH, {
    client_id: CLIENT_ID,
    device_code: deviceCode,
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
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
  return formRequest(target, TOKEN_PATH, {
    client_id: CLIENT_ID,
    grant_type: "refresh_token",
    refresh_token: refreshToken,
  });
}

function formRequest(
  target: OAuthTarget,
  path: string,
  form: Readonly<Record<string, string>>,
): Request {
  return new Request(`${target.host.replace(/\/+$/, "")}${path}`, {
    method: "POST",
    headers: {
      ...target.identity,
      Accept: "application/json",
      "Content-Type": "application/x-www-form-urlencoded",
    },
    // If a kept connection drops before the answer, Deno sends a POST again unless its body is a Blob
    // or a stream; a refresh token that is sent twice revokes the login.
    body: new Blob([encoded(form)]),
    redirect: "manual",
  });
}

/** Encodes a form as Python's `urlencode` does, which treats two characters differently. */
function encoded(form: Readonly<Record<string, string>>): string {
  return new URLSearchParams(form).toString().replaceAll("*", "%2A").replaceAll("%7E", "~");
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
 * const url = "https://www.kimi.com/code/authorize_device";
 * const answer = { device_code: "code", user_code: "WDJB-MJHT", verification_uri: url };
 * assertEquals((await readDeviceAuthorization(Response.json(answer))).interval, 5);
 * ```
 */
export async function readDeviceAuthorization(response: Response): Promise<DeviceAuthorization> {
  const doing = "Device authorization";
  const answer = await readAnswer(response);
  const { status, json } = answer;
  if (status !== 200 || json === undefined) throw unexpectedAnswer(doing, answer);
  const deviceCode = text(json.device_code);
  const userCode = text(json.user_code);
  if (deviceCode === undefined || userCode === undefined) {
    throw unexpectedAnswer(doing, answer, "device_code or user_code");
  }
  const { verification_uri_complete: complete, verification_uri: plain } = json;
  const verificationUri = httpsUrl(complete) ?? httpsUrl(plain);
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
 * answers with status 400, and a few deployments with 200. No error repeats the device code.
 *
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
  const answer = await readAnswer(response, deviceCode);
  const { error, status } = answer;
  if (status >= 500 || status === 429) throw unexpectedAnswer(doing, answer);
  if (error === "authorization_pending" || error === "slow_down") return { kind: error };
  if (error === "access_denied" || error === "expired_token") {
    const why = error === "access_denied"
      ? "it was refused in the browser"
      : "the code expired before it was confirmed";
    throw new KimiError(error, `${doing} failed: ${why}`, { status });
  }
  const tokens = tokenSet(answer);
  if (tokens === undefined) throw unexpectedAnswer(doing, answer);
  return { kind: "tokens", tokens };
}

/**
 * Reads the answer to a {@linkcode refreshTokenRequest}. Store the new token set before using it.
 *
 * Only an OAuth error in JSON rejects the refresh token: `invalid_grant`, its prose, or status 401 or
 * 403 with such a body. After any other failure, such as a portal's HTML page with status 403, the
 * refresh token is still valid. No error repeats it.
 *
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
  const answer = await readAnswer(response, refreshToken);
  const tokens = tokenSet(answer);
  if (tokens !== undefined) return tokens;
  if (!isRejection(answer)) throw unexpectedAnswer(doing, answer);
  const { status, summary } = answer;
  throw new KimiError("invalid_grant", `${doing} was rejected: ${summary}`, { status });
}
