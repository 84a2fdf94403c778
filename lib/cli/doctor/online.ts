/** Asks the service for a login code and the models; nothing is refreshed. */

import { readWhole } from "../../client/net/fetch_whole.ts";
import {
  answerFault,
  explainNetworkFault,
  type NetworkContext,
  type NetworkFault,
} from "../../client/net/network_error.ts";
import { remainingSeconds } from "../../client/tokens/credential.ts";
import { withDeadline } from "../../client/net/timeout.ts";
import { toDeviceId } from "../../kimi/clients/device_folders.ts";
import { USER_AGENTS } from "../../kimi/identity/constants.ts";
import { readFailure } from "../../kimi/errors/api_error.ts";
import { parseModels } from "../../kimi/models/response.ts";
import type { Model } from "../../kimi/models/catalog.ts";
import { identityHeaders } from "../../kimi/identity/fingerprint.ts";
import { isTrusted } from "../../kimi/identity/hosts.ts";
import { deviceAuthorizationRequest, readDeviceAuthorization } from "../../kimi/oauth/grants.ts";
import { messageOf } from "../../kimi/errors/kimi_error.ts";
import { parseObject, printable } from "../../kimi/util/json.ts";
import { withoutSecrets } from "../../kimi/util/redact.ts";
import { denialOf } from "../shared/deno_permissions.ts";
import { faultOf } from "../shared/network_advice.ts";
import type { DoctorDeps } from "./collect/machine.ts";
import type { Diagnosis } from "./diagnosis.ts";

export type HostAnswer =
  | { readonly state: "reached"; readonly status: number }
  | { readonly state: "refused"; readonly status: number; readonly why: string }
  | { readonly state: "denied"; readonly flag: string }
  | (
    & { readonly state: "not-reached"; readonly fault: NetworkFault }
    & ReturnType<typeof explainNetworkFault>
  );

export type Online = Awaited<ReturnType<typeof askService>>;

type OnlineDeps = Pick<DoctorDeps, "fetch" | "lookup" | "now">;

/** The longest wait for one answer. */
const TIMEOUT_MS = 15_000;

/** An answer, and the response if it needs to be read. */
interface Reply {
  readonly answer: HostAnswer;
  readonly response?: Response;
  /** Milliseconds that this machine's clock is ahead of the host's. */
  readonly clockAhead?: number;
}

export async function askService(
  deps: OnlineDeps,
  { client, hosts, device, login: { credential }, machine }: Diagnosis,
  signal: AbortSignal,
) {
  const isUsable = credential !== undefined && remainingSeconds(credential, deps.now()) > 0 &&
    isTrusted(hosts.api, credential.hosts);
  const token = isUsable ? credential.access : undefined;
  const ask = (host: string, build: (host: string) => Request) =>
    send(deps, machine, signal, host, build);
  const [oauth, api] = await Promise.all([
    ask(hosts.oauth, (host) => {
      // Only a real request creates a missing device id.
      const id = device.id || toDeviceId(client, crypto.randomUUID());
      const identity = identityHeaders(client, { ...device, id });
      return deviceAuthorizationRequest({ host, identity }, false);
    }),
    ask(hosts.api, (base) => {
      const bearer = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const headers = { ...bearer, Accept: "application/json", "User-Agent": USER_AGENTS[client] };
      return new Request(`${base}/models`, { headers, redirect: "manual" });
    }),
  ]);
  return {
    /** The answer to the request for a login code, which nobody uses. */
    oauth: await judgeLoginCode(oauth),
    ...await judgeModels(api, token),
    clockAhead: api.clockAhead ?? oauth.clockAhead,
  };
}

async function send(
  { fetch, lookup, now }: OnlineDeps,
  context: NetworkContext,
  signal: AbortSignal,
  host: string,
  build: (host: string) => Request,
): Promise<Reply> {
  if (!URL.canParse(host)) {
    return { answer: { state: "refused", status: 0, why: `"${printable(host)}" is not a URL` } };
  }
  const request = build(host);
  const { hostname } = new URL(request.url);
  const notReached = (fault: NetworkFault): Reply => {
    const explanation = explainNetworkFault(fault, hostname, context);
    return { answer: { state: "not-reached", fault, ...explanation } };
  };
  try {
    const ask = async (signal: AbortSignal) => await readWhole(await fetch(request, { signal }));
    const response = await withDeadline(TIMEOUT_MS, signal, ask);
    const { status, headers } = response;
    const isRedirect = status >= 300 && status < 400;
    const fault = answerFault(response) ?? (isRedirect ? "portal" : undefined);
    if (fault !== undefined) return notReached(fault);
    const sent = Date.parse(headers.get("date") ?? "");
    const clock = Number.isNaN(sent) ? {} : { clockAhead: now() - sent };
    return { answer: { state: "reached", status }, response, ...clock };
  } catch (error) {
    if (signal.aborted) throw error;
    const denial = denialOf(error);
    if (denial === undefined) return notReached(await faultOf(error, hostname, lookup));
    const flag = `${denial.flag}=${denial.target ?? hostname}`;
    return { answer: { state: "denied", flag } };
  }
}

async function judgeLoginCode({ answer, response }: Reply): Promise<HostAnswer> {
  if (response === undefined) return answer;
  return await readDeviceAuthorization(response).then(() => answer, (error) => ({
    state: "refused",
    status: response.status,
    why: printable(messageOf(error)),
  }));
}

/** Reads the models; they are undefined if the service did not list them. */
async function judgeModels(
  { answer: api, response }: Reply,
  token: string | undefined,
): Promise<{ readonly api: HostAnswer; readonly models: readonly Model[] | undefined }> {
  if (response === undefined) return { api, models: undefined };
  const { status, headers } = response;
  const body = withoutSecrets(await response.text(), token === undefined ? [] : [token]);
  const json = parseObject(body);
  if (status === 200 && Array.isArray(json?.data)) return { api, models: parseModels(json) };
  // Without a token this is the right answer.
  if (status === 401 && token === undefined) return { api, models: undefined };
  const { kind, message } = readFailure(status, body, headers.get("x-trace-id"));
  const error = kind === "unknown" ? `HTTP ${status}` : message;
  const why = status === 200 ? "the answer does not list models" : error;
  return { api: { state: "refused", status, why }, models: undefined };
}
