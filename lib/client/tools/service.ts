/** A request to one of the plan's services, as the chosen client sends it. */

import { SERVICES } from "../../kimi/clients/services.ts";
import type { ClientName } from "../../kimi/identity/constants.ts";
import { identityHeaders } from "../../kimi/identity/fingerprint.ts";
import { requestText, withRenewal } from "../account/api_request.ts";
import type { Environment } from "../environment.ts";
import type { FetchEnvironment } from "../net/fetch_whole.ts";
import type { Credential } from "../tokens/credential.ts";
import type { TokenManager } from "../tokens/token_manager.ts";

/** What the services are asked with. */
export interface ServiceAccess {
  readonly environment: FetchEnvironment & Pick<Environment, "device">;
  readonly tokens: Pick<TokenManager, "current" | "renew">;
  readonly client: ClientName;
  /** The API base for a login. */
  readonly api: (credential: Credential) => string;
}

/** One call of a tool. */
export interface ToolCall {
  /** The id that the model gave the call. */
  readonly id: string;
  readonly signal?: AbortSignal | undefined;
  /** Asks whether this machine may fetch a page itself; rejects if it may not. */
  readonly mayFetch?: () => Promise<void>;
}

interface ServiceRequest {
  /** What is being done, for messages. */
  readonly doing: string;
  /** The path below the API base. */
  readonly path: string;
  readonly accept: string;
  readonly body: string | FormData;
  /** In milliseconds. */
  readonly timeout: number;
}

/** Asks with a fresh token, and once more after a 401; returns the text of a 200. */
export async function askService(
  { environment, tokens, client, api }: ServiceAccess,
  { path, accept, body, ...options }: ServiceRequest,
  { id, signal }: ToolCall,
): Promise<string> {
  const identity = identityHeaders(client, await environment.device(client));
  const type = typeof body === "string" ? { "Content-Type": "application/json" } : undefined;
  const ask = (credential: Credential) => {
    const headers = {
      ...identity,
      Authorization: `Bearer ${credential.access}`,
      ...(id === "" ? {} : SERVICES[client].headers(id)),
      Accept: accept,
      ...type,
    };
    const init: RequestInit = { method: "POST", headers, body };
    const url = `${api(credential)}${path}`;
    return requestText(environment, credential, { ...options, client, url, signal, init });
  };
  return await withRenewal(tokens, ask, signal);
}
