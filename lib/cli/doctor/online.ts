/**
 * What the service answers: whether its hosts can be reached, its clock, and the account's models.
 * Nothing is refreshed: a login whose access token has expired is not shown to the API.
 *
 * @module
 */

import {
  answerFault,
  classifyNetworkError,
  explainNetworkFault,
  type NetworkFault,
} from "../../client/net/network_error.ts";
import { type Credential, remainingSeconds } from "../../client/tokens/credential.ts";
import { whole, withDeadline } from "../../client/net/timeout.ts";
import type { Environment } from "../../client/environment.ts";
import { type ClientName, USER_AGENTS } from "../../kimi/identity/constants.ts";
import { readFailure } from "../../kimi/errors/api_error.ts";
import { parseModels } from "../../kimi/models/response.ts";
import type { Model } from "../../kimi/models/catalog.ts";
import { type DeviceFacts, identityHeaders } from "../../kimi/identity/fingerprint.ts";
import { assertTrusted } from "../../kimi/identity/hosts.ts";
import { deviceAuthorizationRequest, readDeviceAuthorization } from "../../kimi/oauth/grants.ts";
import { messageOf } from "../../kimi/errors/kimi_error.ts";
import { parseObject, printable } from "../../kimi/util/json.ts";
import { withoutSecrets } from "../../kimi/util/redact.ts";
import type { Examination } from "./diagnosis.ts";
import { denialOf } from "../shared/deno_permissions.ts";

/** How the service is asked. */
export interface OnlineReach extends Pick<Environment, "fetch" | "now"> {
  /** Finds the address of a host's name; fails where the name is not known. */
  readonly lookup: (host: string) => Promise<unknown>;
}

/** What came of a question. */
export type Answered =
  | { readonly state: "reached"; readonly status: number }
  | {
    readonly state: "not-reached";
    readonly fault: NetworkFault;
    readonly problem: string;
    readonly cure: string;
  }
  | { readonly state: "refused"; readonly status: number; readonly why: string }
  | { readonly state: "denied"; readonly flag: string };

/** What the service answered. */
export interface Online {
  /** The OAuth host, asked for a login code that nobody uses. */
  readonly oauth: Answered;
  /** The API, asked for the models. */
  readonly api: Answered;
  /** Whether the API was shown the access token. */
  readonly wasTokenShown: boolean;
  /** The account's models, as the service lists them; undefined where it did not. */
  readonly models: readonly Model[] | undefined;
  /** How far this machine's clock is ahead of the service's, in milliseconds; undefined where no answer tells. */
  readonly clockAhead: number | undefined;
}

/** The longest wait for one answer. */
const TIMEOUT_MS = 15_000;

/** An answer, and what came with it. */
interface Question {
  readonly answered: Answered;
  readonly response?: Response;
  readonly clockAhead?: number;
}

/**
 * Asks the service.
 *
 * @param reach How.
 * @param examination What is known of login and hosts.
 * @param signal Ends the wait.
 * @returns What it answered.
 */
export async function askService(
  reach: OnlineReach,
  examination: Examination,
  signal: AbortSignal,
): Promise<Online> {
  const { login: { credential }, hosts } = examination;
  const token = usableToken(credential, hosts.api, reach.now());
  const [oauth, api] = await Promise.all([
    ask(reach, loginQuestion(examination), signal).then(judgeLogin),
    ask(reach, modelsQuestion(hosts.api, examination.client, token), signal)
      .then((question) => judgeModels(question, token)),
  ]);
  return {
    oauth: oauth.answered,
    api: api.answered,
    wasTokenShown: token !== undefined,
    models: api.models,
    clockAhead: api.clockAhead ?? oauth.clockAhead,
  };
}

function usableToken(
  credential: Credential | undefined,
  api: string,
  now: number,
): string | undefined {
  if (credential === undefined || remainingSeconds(credential, now) <= 0) return undefined;
  try {
    assertTrusted(api, credential.hosts);
    return credential.access;
  } catch {
    return undefined;
  }
}

/** Stands for facts that may not be looked at, in a question that any client may ask. */
const ANY_DEVICE: DeviceFacts = {
  node: "unknown",
  system: "",
  release: "",
  machine: "",
  version: "unknown",
};

function loginQuestion({ machine, client, hosts, deviceId }: Examination): Request | string {
  if (!URL.canParse(hosts.oauth)) return hosts.oauth;
  // An id that is not there yet is for the first request to make.
  const id = deviceId || crypto.randomUUID().replaceAll("-", "");
  const identity = identityHeaders(client, { ...(machine.device ?? ANY_DEVICE), id });
  return deviceAuthorizationRequest({ host: hosts.oauth, identity }, false);
}

function modelsQuestion(
  api: string,
  client: ClientName,
  token: string | undefined,
): Request | string {
  if (!URL.canParse(api)) return api;
  const bearer = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return new Request(`${api}/models`, {
    headers: { ...bearer, Accept: "application/json", "User-Agent": USER_AGENTS[client] },
    redirect: "manual",
  });
}

async function ask(
  { fetch, lookup, now }: OnlineReach,
  request: Request | string,
  signal: AbortSignal,
): Promise<Question> {
  if (typeof request === "string") {
    return { answered: { state: "refused", status: 0, why: `"${printable(request)}" is no URL` } };
  }
  const { hostname } = new URL(request.url);
  try {
    const response = await withDeadline(
      TIMEOUT_MS,
      signal,
      async (signal) => await whole(await fetch(request, { signal })),
    );
    const sent = Date.parse(response.headers.get("date") ?? "");
    const clock = Number.isNaN(sent) ? {} : { clockAhead: now() - sent };
    const fault = answerFault(response) ??
      (response.status >= 300 && response.status < 400 ? "portal" : undefined);
    if (fault !== undefined) return { answered: notReached(fault, hostname) };
    return { answered: { state: "reached", status: response.status }, response, ...clock };
  } catch (error) {
    if (signal.aborted) throw error;
    const denial = denialOf(error);
    if (denial !== undefined) {
      const { flag, target = hostname } = denial;
      return { answered: { state: "denied", flag: `${flag}=${target}` } };
    }
    const fault = classifyNetworkError(error);
    // Bun says of an unknown name that the connection was refused.
    const isUnknown = fault === "refused" && !await lookup(hostname).then(() => true, () => false);
    return { answered: notReached(isUnknown ? "dns" : fault, hostname) };
  }
}

function notReached(fault: NetworkFault, hostname: string): Answered {
  return { state: "not-reached", fault, ...explainNetworkFault(fault, hostname) };
}

async function judgeLogin({ answered, response, ...clock }: Question): Promise<Question> {
  if (response === undefined) return { answered };
  const refused = await readDeviceAuthorization(response).then(() => undefined, messageOf);
  if (refused === undefined) return { answered, ...clock };
  const { status } = response;
  return { answered: { state: "refused", status, why: printable(refused) }, ...clock };
}

async function judgeModels(
  { answered, response, ...clock }: Question,
  token: string | undefined,
): Promise<Question & { readonly models: readonly Model[] | undefined }> {
  if (response === undefined) return { answered, models: undefined };
  const { status, headers } = response;
  const body = withoutSecrets(await response.text(), token === undefined ? [] : [token]);
  const json = parseObject(body);
  if (status === 200 && Array.isArray(json?.data)) {
    return { answered, models: parseModels(json), ...clock };
  }
  // Without a token this is the right answer.
  if (status === 401 && token === undefined) return { answered, models: undefined, ...clock };
  const { kind, message } = readFailure(status, body, headers.get("x-trace-id"));
  const why = status === 200
    ? "the answer holds no models"
    : kind === "unknown"
    ? `HTTP ${status}`
    : message;
  return { answered: { state: "refused", status, why }, models: undefined, ...clock };
}
