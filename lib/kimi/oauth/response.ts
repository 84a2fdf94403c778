/** Reads the answers of an OAuth endpoint (RFC 6749 §5). */

import { IDENTITY_REFUSED, otherClients } from "../clients/other_clients.ts";
import { KimiError } from "../errors/kimi_error.ts";
import {
  isObject,
  type JsonObject,
  objectOf,
  parseObject,
  positive,
  printable,
  text,
} from "../util/json.ts";
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
  const secrets = secret === undefined ? [] : [secret];
  const shown = (value: unknown) => printable(withoutSecrets(text(value) ?? "", secrets));
  // If the service refuses the client, it answers in the API's form, not in that of RFC 6749.
  const inner = objectOf(json?.error);
  const description = shown(json?.error_description) || shown(json?.message ?? inner.message);
  const said = [shown(inner.type ?? json?.error), description].filter(Boolean).join(": ");
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
export function unexpectedAnswer(
  doing: string,
  answer: Answer,
  missing = "access_token or refresh_token",
): KimiError {
  const { status, json, error, summary } = answer;
  if (status >= 500 || status === 429) {
    return new KimiError("server_error", `${doing} failed: ${summary}`, { status });
  }
  if (isRefusedIdentity(answer)) {
    const advice = `Kimi refused this client's identity: set the option ${otherClients()}`;
    return new KimiError("oauth_error", `${doing} failed: ${advice} (${summary})`, { status });
  }
  if (error !== "") return new KimiError("oauth_error", `${doing} failed: ${summary}`, { status });
  const what = status !== 200
    ? summary
    : json === undefined
    ? "the answer is not a JSON object (a proxy or a login portal may have answered)"
    : `the answer lacks ${missing}`;
  const cause = json === undefined ? new SyntaxError("it is no JSON object") : undefined;
  return new KimiError("invalid_answer", `${doing} failed: ${what}`, { status, cause });
}

export function tokenSet({ status, json }: Answer): TokenSet | undefined {
  const accessToken = text(json?.access_token);
  const refreshToken = text(json?.refresh_token);
  if (status !== 200 || accessToken === undefined || refreshToken === undefined) return undefined;
  const expiresIn = positive(json?.expires_in);
  return conceal(expiresIn === undefined ? {} : { expiresIn }, { accessToken, refreshToken });
}

/** Whether the service refuses the client: the same login is good for another one. */
function isRefusedIdentity({ status, summary }: Answer): boolean {
  return status === 403 && IDENTITY_REFUSED.test(summary);
}

/** Whether an answer to a refresh rejects the refresh token; after all others it stays valid. */
export function isRejection(answer: Answer): boolean {
  const { status, json, error } = answer;
  if (isRefusedIdentity(answer)) return false;
  if (json === undefined || status >= 500 || status === 429) return false;
  if (error === "invalid_grant") return true;
  if ((status === 401 || status === 403) && (error !== "" || isObject(json.error))) return true;
  return /\bauthorization grant is invalid\b/i.test(
    `${printable(json.error_description)} ${printable(json.message)} ${error}`,
  );
}
