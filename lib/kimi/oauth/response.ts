/** Reads the answers of an OAuth endpoint (RFC 6749 §5). */

import { KimiError } from "../errors/kimi_error.ts";
import { finite, isObject, type JsonObject, parseObject, printable, text } from "../util/json.ts";
import { conceal, withoutSecrets } from "../util/redact.ts";

/** A token answer (RFC 6749 §5.1). The tokens are not enumerable. */
export interface TokenSet {
  /** The bearer token. */
  readonly accessToken: string;
  /** Valid for one refresh. */
  readonly refreshToken: string;
  /** Lifetime of the access token in seconds, if the answer has one. */
  readonly expiresIn?: number;
}

/** An answer of an OAuth endpoint. */
export interface Answer {
  readonly status: number;
  readonly json: JsonObject | undefined;
  /** The OAuth error code, or "". */
  readonly error: string;
  /** The answer in a few words, for a message. */
  readonly summary: string;
}

/** Reads an answer of any form. Its summary does not repeat the secret. */
export async function readAnswer(response: Response, secret?: string): Promise<Answer> {
  const { status } = response;
  const body = await response.text().catch((cause: unknown) => {
    throw new KimiError("network", `The answer broke off after HTTP ${status}`, { cause, status });
  });
  const json = parseObject(body);
  // Masked before it is cut: a cut secret could not be found.
  const shown = (value: unknown) =>
    typeof value === "string"
      ? printable(withoutSecrets(value, secret === undefined ? [] : [secret]))
      : "";
  // If the service refuses the client, it answers in the API's form, not in that of RFC 6749.
  const inner = isObject(json?.error) ? json.error : undefined;
  const description = shown(json?.error_description) || shown(json?.message ?? inner?.message);
  const said = [shown(inner?.type ?? json?.error), description].filter((part) => part !== "")
    .join(": ");
  const form = body === "" ? "no body" : "no JSON";
  const kind = json === undefined ? form : "JSON without an error code";
  return {
    status,
    json,
    error: printable(json?.error),
    summary: `HTTP ${status}, ${said || kind}`,
  };
}

/** Returns the error for any other answer; its cause is a SyntaxError if the answer is not JSON. */
export function unexpectedAnswer(doing: string, answer: Answer, missing?: string): KimiError {
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

export function positive(value: unknown): number | undefined {
  const number = finite(value);
  return number !== undefined && number > 0 ? number : undefined;
}

/** The fields that a token answer must have. */
export const TOKEN_FIELDS = "access_token or refresh_token";

export function tokenSet(json: JsonObject | undefined): TokenSet | undefined {
  const accessToken = text(json?.access_token);
  const refreshToken = text(json?.refresh_token);
  if (accessToken === undefined || refreshToken === undefined) return undefined;
  const expiresIn = positive(json?.expires_in);
  return conceal(expiresIn === undefined ? {} : { expiresIn }, { accessToken, refreshToken });
}

/** Whether an answer to a refresh rejects the refresh token; after all others it stays valid. */
export function isRejection({ status, json, error }: Answer): boolean {
  if (json === undefined || status >= 500 || status === 429) return false;
  if (error === "invalid_grant") return true;
  if ((status === 401 || status === 403) && (error !== "" || isObject(json.error))) return true;
  return /\bauthorization grant is invalid\b/i.test(
    `${printable(json.error_description)} ${printable(json.message)} ${error}`,
  );
}
