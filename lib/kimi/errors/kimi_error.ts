/** The one error class of this library. */

/**
 * What went wrong, as a stable word.
 *
 * - `access_denied`: the user refused the login (RFC 8628 §3.5)
 * - `expired_token`: the device code expired before the user confirmed (RFC 8628 §3.5)
 * - `aborted`: the caller's signal ended the wait
 * - `invalid_grant`: the refresh token was rejected (RFC 6749 §5.2)
 * - `oauth_error`: any other OAuth error answer
 * - `server_error`: the host answered with an error status, such as 503
 * - `invalid_answer`: the answer does not have the form of the protocol, such as a portal's page
 * - `network`: no answer came, but the host may have received the request
 * - `unreachable`: no connection was made, so nothing was sent
 * - `untrusted_host`: credentials may not be sent to the URL
 * - `invalid_request`: the service would refuse the request, which was not sent
 * - `too_large`: the conversation is larger than the service accepts, and was not sent
 * - `not_logged_in`: no credential is stored
 * - `not_stored`: a credential could not be written
 * - `not_loaded`: a file of this package no longer exists
 */
export type KimiErrorCode =
  | "access_denied"
  | "expired_token"
  | "aborted"
  | "invalid_grant"
  | "oauth_error"
  | "server_error"
  | "invalid_answer"
  | "network"
  | "unreachable"
  | "untrusted_host"
  | "invalid_request"
  | "too_large"
  | "not_logged_in"
  | "not_stored"
  | "not_loaded";

/**
 * An error with a stable {@linkcode KimiErrorCode | code}. Its message never holds a token.
 *
 * @example
 * ```ts
 * import { KimiError } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new KimiError("network", "Login: no answer from auth.kimi.com");
 * assertEquals(error.code, "network");
 * ```
 */
export class KimiError extends Error {
  /** Always `KimiError`. */
  override readonly name = "KimiError";
  /** What went wrong, as a stable word. */
  readonly code: KimiErrorCode;
  /** HTTP status of the answer; undefined if there was no answer. */
  readonly status: number | undefined;
  /** When the quota that was refused resets, in milliseconds since 1970, if the service said so. */
  readonly resetsAt: number | undefined;

  /** Each entry of the npm package has a class of its own, so the name decides. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === "KimiError" && "code" in value;
  }

  /** Creates an error; its message is what was being done, what happened, what to do. */
  constructor(
    code: KimiErrorCode,
    message: string,
    options: { readonly cause?: unknown } & Partial<Pick<KimiError, "status" | "resetsAt">> = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.resetsAt = options.resetsAt;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error means that the login is over: only a new one helps. */
export function needsLogin(error: unknown): error is KimiError {
  return error instanceof KimiError &&
    (error.code === "invalid_grant" || error.code === "not_logged_in");
}
