/** A request whose answer is read to its end, with errors that say why there is no answer. */

import { KimiError, type KimiErrorCode } from "../../kimi/errors/kimi_error.ts";
import type { Environment } from "../environment.ts";
import {
  answerFault,
  classifyNetworkError,
  type NetworkContext,
  networkMessage,
} from "./network_error.ts";
import { isPermissionDenied } from "./permission_denied.ts";
import { withDeadline } from "./timeout.ts";

/** Network, and facts for the advice. */
export type FetchEnvironment =
  & Pick<Environment, "fetch">
  & Partial<Pick<Environment, "variables" | "versions">>;

/** Errors that may be over at the next try. */
export const PASSING: ReadonlySet<KimiErrorCode> = new Set([
  "network",
  "unreachable",
  "server_error",
]);

/** Kimi's hosts redirect no request; a portal does. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface WholeOptions {
  /** What is being done, for messages. */
  readonly doing: string;
  /** Time limit for the answer and its body, in milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
  /** For a request that is a URL. */
  readonly init?: RequestInit;
}

/** Sends a request to a host that speaks JSON. If a proxy or portal answers, it fails with `invalid_answer`. */
export async function fetchWhole(
  environment: FetchEnvironment,
  request: Request | string,
  { doing, timeout, signal, init }: WholeOptions,
): Promise<Response> {
  const url = request instanceof Request ? request.url : request;
  let response: Response;
  try {
    response = await withDeadline(timeout, signal, async (signal) => {
      // Bun sends a POST again by itself if a kept connection drops before the answer.
      const options = { ...init, keepalive: false, signal };
      return await readWhole(await environment.fetch(request, options));
    });
  } catch (cause) {
    // The caller's signal may itself be a time limit, such as that of several tries together.
    if (signal?.aborted && classifyNetworkError(signal.reason).fault !== "timeout") {
      throw new KimiError("aborted", `${doing}: cancelled`, { cause });
    }
    throw networkFailure(doing, cause, url, environment);
  }
  const { status } = response;
  const fault = REDIRECTS.has(status) ? "portal" : answerFault(response);
  if (fault === undefined) return response;
  const message = networkMessage(doing, fault, new URL(url).host, environment);
  throw new KimiError("invalid_answer", message, { status });
}

/** Explains what `fetch` threw. A permission that Deno denied is not of the network, and is returned as it is. */
export function networkFailure(
  doing: string,
  cause: unknown,
  url: string,
  context: NetworkContext,
): unknown {
  if (isPermissionDenied(cause)) return cause;
  const { fault, neverSent } = classifyNetworkError(cause);
  const message = networkMessage(doing, fault, new URL(url).host, context);
  return new KimiError(neverSent ? "unreachable" : "network", message, { cause });
}

/** Statuses whose answers have no body. Source: https://fetch.spec.whatwg.org/#null-body-status */
const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

/** Reads an answer to its end, so that a time limit covers the body too. */
export async function readWhole(response: Response): Promise<Response> {
  // An opaque redirect of a browser has status 0 and no body, and cannot be made anew.
  if (response.body === null) return response;
  const body = await response.arrayBuffer();
  return new Response(NULL_BODY_STATUSES.has(response.status) ? null : body, response);
}
