/**
 * What is used of the plan, asked of the service.
 *
 * @see kimi-cli 1.51.0 `ui/shell/usage.py`: `_fetch_usage`
 * @module
 */

import { type ClientName, USER_AGENTS } from "../../kimi/identity/constants.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { readFailure } from "../../kimi/errors/api_error.ts";
import { assertTrusted } from "../../kimi/identity/hosts.ts";
import { parseObject } from "../../kimi/util/json.ts";
import { regionOf } from "../../kimi/identity/regions.ts";
import { withoutSecrets } from "../../kimi/util/redact.ts";
import { parseUsage, type Usage } from "../../kimi/usage/response.ts";
import {
  answerFault,
  classifyNetworkError,
  type NetworkFault,
  networkMessage,
} from "../net/network_error.ts";
import type { Credential } from "../tokens/credential.ts";
import { whole, withDeadline } from "../net/timeout.ts";
import type { Environment } from "../environment.ts";
import type { TokenSource } from "../tokens/token_source.ts";

/** How to ask. */
export interface QuotaRequest {
  /** Whose identity to send. */
  readonly client: ClientName;
  /** The API base for a login. */
  readonly api: (credential: Credential) => string;
  /** Longest wait for one answer, in milliseconds; 15 s unless given. */
  readonly timeout?: number;
  /** Ends the wait early. */
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 15_000;

/** Below the API base; the second where there is no first. Source: the service's clients. */
const PATHS = ["usages", "usage"];

/**
 * Asks with a token that is fresh; after a 401 once more, with another one.
 *
 * @param environment The network.
 * @param tokens Where tokens come from.
 * @param request How to ask.
 * @returns The quotas.
 * @throws {KimiError} As {@linkcode requestUsage} and {@linkcode TokenSource} do.
 * @example
 * ```ts
 * import { fetchUsage, credentialFromTokens } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const login = (access: string) => credentialFromTokens({ accessToken: access, refreshToken: "r" }, 0);
 * const tokens = {
 *   current: () => Promise.resolve(login("old")),
 *   renew: () => Promise.resolve(login("new")),
 * };
 * const sent: (string | null)[] = [];
 * const fetch = (_url: unknown, init?: RequestInit) => {
 *   sent.push(new Headers(init?.headers).get("authorization"));
 *   return Promise.resolve(Response.json({}, { status: sent.length === 1 ? 401 : 200 }));
 * };
 * const api = () => "https://api.kimi.com/coding/v1";
 * await fetchUsage({ fetch }, tokens, { client: "kimi-cli", api });
 * assertEquals(sent, ["Bearer old", "Bearer new"]);
 * ```
 */
export async function fetchUsage(
  environment: Pick<Environment, "fetch">,
  tokens: Pick<TokenSource, "current" | "renew">,
  request: QuotaRequest,
): Promise<Usage> {
  const credential = await tokens.current(request.signal);
  try {
    return await requestUsage(environment, credential, request);
  } catch (error) {
    if (!(error instanceof KimiError) || error.status !== 401) throw error;
  }
  const renewed = await tokens.renew(credential.access, request.signal);
  return await requestUsage(environment, renewed, request);
}

/**
 * Asks with a token as it is.
 *
 * @param environment The network.
 * @param credential The login.
 * @param request How to ask.
 * @returns The quotas.
 * @throws {KimiError} `network`, `server_error` (with the status), `invalid_answer`,
 * `untrusted_host` or `aborted`.
 * @example
 * ```ts
 * import { credentialFromTokens, requestUsage } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const usage = { limit: "100", used: "25" };
 * const { windows } = await requestUsage(
 *   { fetch: () => Promise.resolve(Response.json({ usage })) },
 *   credentialFromTokens({ accessToken: "a", refreshToken: "r" }, 0),
 *   { client: "kimi-cli", api: () => "https://api.kimi.com/coding/v1" },
 * );
 * assertEquals(windows.map(({ usedShare }) => usedShare), [0.25]);
 * ```
 */
export async function requestUsage(
  environment: Pick<Environment, "fetch">,
  credential: Credential,
  request: QuotaRequest,
): Promise<Usage> {
  const api = request.api(credential);
  const { hostname: host } = assertTrusted(api, credential.hosts);
  for (const path of PATHS) {
    const response = await answerTo(environment, credential, request, `${api}/${path}`);
    if (response.status === 404) continue;
    if (response.status !== 200) throw await refusal(response, credential, host);
    const json = parseObject(await response.text());
    if (json !== undefined) return parseUsage(json);
    const fault = answerFault(response);
    const text = fault === undefined
      ? `Usage: the answer of ${host} is not JSON`
      : notReached(fault, host);
    throw new KimiError("invalid_answer", text);
  }
  throw new KimiError(
    "server_error",
    `Usage: ${api} has neither /usages nor /usage (HTTP 404): is KIMI_CODE_BASE_URL right?`,
    { status: 404 },
  );
}

async function answerTo(
  environment: Pick<Environment, "fetch">,
  { access }: Credential,
  { client, timeout = TIMEOUT_MS, signal }: QuotaRequest,
  url: string,
): Promise<Response> {
  const headers = {
    Authorization: `Bearer ${access}`,
    Accept: "application/json",
    "User-Agent": USER_AGENTS[client],
  };
  try {
    return await withDeadline(timeout, signal, async (signal) => {
      return await whole(await environment.fetch(url, { headers, redirect: "manual", signal }));
    });
  } catch (cause) {
    if (signal?.aborted) throw new KimiError("aborted", "Usage: cancelled", { cause });
    const { hostname } = new URL(url);
    throw new KimiError("network", notReached(classifyNetworkError(cause).fault, hostname), {
      cause,
    });
  }
}

async function refusal(
  response: Response,
  { access, refresh, hosts }: Credential,
  host: string,
): Promise<KimiError> {
  const { status, headers } = response;
  const body = withoutSecrets(await response.text(), [access, refresh]);
  const trace = headers.get("x-trace-id");
  const { kind, message } = readFailure(status, body, trace, { region: regionOf(hosts) });
  if (kind !== "unknown") return new KimiError("server_error", `Usage: ${message}`, { status });
  const fault = answerFault(response);
  const text = fault === undefined ? `Usage: HTTP ${status} from ${host}` : notReached(fault, host);
  return new KimiError("server_error", text, { status });
}

function notReached(fault: NetworkFault, host: string): string {
  return networkMessage("Usage", fault, host);
}
