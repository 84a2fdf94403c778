/** A request to the API that is not a chat: sent once, with the token as it is. */

import { readFailure } from "../../kimi/errors/api_error.ts";
import type { HostWords } from "../../kimi/errors/error_words.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { type ClientName, USER_AGENTS } from "../../kimi/identity/constants.ts";
import { assertTrusted } from "../../kimi/identity/hosts.ts";
import { regionOf } from "../../kimi/identity/regions.ts";
import { type JsonObject, parseObject } from "../../kimi/util/json.ts";
import { withoutSecrets } from "../../kimi/util/redact.ts";
import { type FetchEnvironment, fetchWhole, type WholeOptions } from "../net/fetch_whole.ts";
import type { Credential } from "../tokens/credential.ts";
import type { TokenManager } from "../tokens/token_manager.ts";

interface TextRequest extends WholeOptions {
  readonly url: string;
  readonly client: ClientName;
  /** What the user can do, for messages. */
  readonly words?: HostWords | undefined;
}

type ApiRequest = Omit<TextRequest, "init">;

/** Sends a GET request and returns the answer's JSON object; any status but 200 is a `server_error`. */
export async function requestApi(
  environment: FetchEnvironment,
  credential: Credential,
  request: ApiRequest,
): Promise<JsonObject> {
  const headers = {
    Authorization: `Bearer ${credential.access}`,
    Accept: "application/json",
    "User-Agent": USER_AGENTS[request.client],
  };
  const text = await requestText(environment, credential, { ...request, init: { headers } });
  const json = parseObject(text);
  if (json !== undefined) return json;
  const message = `${request.doing}: the answer of ${new URL(request.url).host} is not JSON`;
  throw new KimiError("invalid_answer", message, { status: 200 });
}

/** Sends a request and returns the answer's text; any status but 200 is a `server_error`. */
export async function requestText(
  environment: FetchEnvironment,
  { access, refresh, hosts }: Credential,
  { url, client, words, init: given, ...options }: TextRequest,
): Promise<string> {
  const { host } = assertTrusted(url, hosts);
  const init: RequestInit = { ...given, redirect: "manual" };
  const response = await fetchWhole(environment, url, { ...options, init });
  const { doing } = options;
  const { status } = response;
  const text = await response.text();
  if (status === 200) return text;
  const body = withoutSecrets(text, [access, refresh]);
  const trace = response.headers.get("x-trace-id");
  const context = { client, region: regionOf(hosts), words };
  const { kind, message, resetsAt } = readFailure(status, body, trace, context);
  const what = kind === "unknown" ? `HTTP ${status} from ${host}` : message;
  throw new KimiError("server_error", `${doing}: ${what}`, { status, resetsAt });
}

/** Asks with a fresh token, and once more with another one after a 401. */
export async function withRenewal<T>(
  tokens: Pick<TokenManager, "current" | "renew">,
  ask: (credential: Credential) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const credential = await tokens.current(signal);
  try {
    return await ask(credential);
  } catch (error) {
    if (!isStatus(error, 401)) throw error;
  }
  return await ask(await tokens.renew(credential.access, signal));
}

/** Whether the service answered so; a portal's page has another code. */
export function isStatus(error: unknown, status: number): boolean {
  return error instanceof KimiError && error.code === "server_error" && error.status === status;
}
