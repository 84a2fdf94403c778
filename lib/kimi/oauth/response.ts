/**
 * Answers of an OAuth endpoint: tokens, errors, and what neither of them is.
 *
 * @see RFC 6749 §5
 * @module
 */

import { KimiError } from "../errors/kimi_error.ts";
import { finite, isObject, type JsonObject, parseObject, printable, text } from "../util/json.ts";
import { conceal, withoutSecrets } from "../util/redact.ts";

/** A token answer (RFC 6749 §5.1). The tokens are not enumerable. */
export interface TokenSet {
  /** Bearer token. */
  readonly accessToken: string;
  /** Good for one refresh. */
  readonly refreshToken: string;
  /** Lifetime of the access token in seconds, where the answer holds one. */
  readonly expiresIn?: number;
}

/** An answer of an OAuth endpoint, read once. */
export interface Answer {
  /** Its status. */
  readonly status: number;
  /** The JSON object of the answer, where it is one. */
  readonly json: JsonObject | undefined;
  /** The OAuth error code, or "" where the answer names none. */
  readonly error: string;
  /** What came, in a few words for a message. */
  readonly summary: string;
}

/**
 * Reads an answer, of whatever form.
 *
 * @param response The answer.
 * @param secrets What its summary must not repeat.
 * @returns What it holds.
 */
export async function readAnswer(
  response: Response,
  secrets: readonly string[] = [],
): Promise<Answer> {
  const { status } = response;
  const body = await response.text().catch((cause: unknown) => {
    throw new KimiError("network", `The answer broke off after HTTP ${status}`, { cause, status });
  });
  const json = parseObject(body);
  // Masked before it is cut: a cut secret is none that could be found.
  const shown = (value: unknown) =>
    typeof value === "string" ? printable(withoutSecrets(value, secrets)) : "";
  // The client gate answers in the API's form, where RFC 6749 has a code.
  const inner = isObject(json?.error) ? json.error : undefined;
  const description = shown(json?.error_description) || shown(json?.message ?? inner?.message);
  const said = [shown(inner?.type ?? json?.error), description].filter((part) => part !== "")
    .join(": ");
  const kind = json !== undefined
    ? "JSON without an error code"
    : body === ""
    ? "no body"
    : "no JSON";
  return {
    status,
    json,
    error: printable(json?.error),
    summary: `HTTP ${status}, ${said || kind}`,
  };
}

/**
 * The error for an answer that is none of those the protocol names. A SyntaxError is its cause where
 * something answered that does not speak JSON.
 *
 * @param doing What was being done.
 * @param answer What came.
 * @param missing The field that an answer of the right form lacks.
 * @returns The error.
 */
export function unexpected(doing: string, answer: Answer, missing?: string): KimiError {
  const { status, json, error, summary } = answer;
  if (status >= 500 || status === 429) {
    return new KimiError("server_error", `${doing} failed: ${summary}`, { status });
  }
  if (error !== "") return new KimiError("oauth_error", `${doing} failed: ${summary}`, { status });
  const what = status !== 200
    ? summary
    : json === undefined
    ? "the answer is not a JSON object (a proxy or a login portal may have answered)"
    : `the answer lacks ${missing ?? "a field"}`;
  const cause = json === undefined ? new SyntaxError("it is no JSON object") : undefined;
  return new KimiError("invalid_answer", `${doing} failed: ${what}`, { status, cause });
}

/**
 * Reads a length of time.
 *
 * @param value Anything.
 * @returns The number of seconds if there is one above 0.
 */
export function positive(value: unknown): number | undefined {
  const number = finite(value);
  return number !== undefined && number > 0 ? number : undefined;
}

/** What a token answer must hold. */
export const TOKEN_FIELDS = "access_token or refresh_token";

/**
 * Reads a token answer.
 *
 * @param json The answer.
 * @returns The tokens, or undefined where one is missing.
 */
export function tokenSet(json: JsonObject | undefined): TokenSet | undefined {
  const accessToken = text(json?.access_token);
  const refreshToken = text(json?.refresh_token);
  if (accessToken === undefined || refreshToken === undefined) return undefined;
  const expiresIn = positive(json?.expires_in);
  return conceal(expiresIn === undefined ? {} : { expiresIn }, { accessToken, refreshToken });
}

/**
 * Tells a rejection from a failure, after which the refresh token is as good as before.
 *
 * @param answer An answer to a refresh.
 * @returns Whether the refresh token is rejected.
 */
export function isRejection({ status, json, error }: Answer): boolean {
  if (json === undefined || status >= 500 || status === 429) return false;
  if (error === "invalid_grant") return true;
  if ((status === 401 || status === 403) && (error !== "" || isObject(json.error))) return true;
  return /\bauthorization grant is invalid\b/i.test(
    `${printable(json.error_description)} ${printable(json.message)} ${error}`,
  );
}
