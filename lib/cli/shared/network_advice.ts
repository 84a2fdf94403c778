/** Explains in words for the user why a host was not reached. */

import process from "node:process";
import {
  classifyNetworkError,
  type NetworkContext,
  type NetworkFault,
  networkMessage,
} from "../../client/net/network_error.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { codeOf } from "../../runtime/fs/errors.ts";
import { denialOf } from "./deno_permissions.ts";

/** Looks a name up; fails with the code of `getaddrinfo`. */
export type Lookup = (hostname: string) => Promise<unknown>;

const lookUp: Lookup = async (hostname) => {
  const { lookup } = await import("node:dns/promises");
  return await lookup(hostname);
};

/** What the advice depends on; of this process by default. */
export interface AdviceOptions {
  /** Asked if the runtime, such as Bun, does not say why there is no connection. */
  readonly lookup?: Lookup;
  readonly context?: NetworkContext;
}

/**
 * Makes of an error one that says why the host of the URL was not reached, and how to fix it. An error
 * that has another reason is returned as it is.
 */
export async function explained(
  doing: string,
  error: unknown,
  url: string,
  { lookup = lookUp, context = ownContext() }: AdviceOptions = {},
): Promise<unknown> {
  if (!(error instanceof KimiError) || denialOf(error) !== undefined) return error;
  const said = faultOf(error);
  if (said === undefined) return error;
  const { hostname, host } = new URL(url);
  const fault = said === "unreachable" ? await nameFault(hostname, lookup) : said;
  const { code, status } = error;
  const message = networkMessage(doing, fault, host, context);
  return new KimiError(code, message, { cause: error, status });
}

/** Only Node ignores proxy variables; Deno would prompt for a permission to read them. */
function ownContext(): NetworkContext {
  const { bun, deno, node } = process.versions;
  const isNode = bun === undefined && deno === undefined;
  return isNode ? { runtime: `node ${node}`, variables: process.env } : {};
}

function faultOf(error: KimiError): NetworkFault | undefined {
  const { code, status } = error;
  if (status === 407) return "proxy";
  if (status === 511) return "portal";
  if (code === "network" || code === "unreachable") return classifyNetworkError(error).fault;
  const isPage = code === "invalid_answer" && error.cause instanceof SyntaxError;
  const isSuccess = status === undefined || status < 400;
  return isPage && (isSuccess || status === 403) ? "portal" : undefined;
}

/** Bun's own resolver says ECONNREFUSED where it reaches no name server. */
async function nameFault(hostname: string, lookup: Lookup): Promise<NetworkFault> {
  try {
    await lookup(hostname.replace(/^\[|\]$/g, ""));
    return "refused";
  } catch (error) {
    return codeOf(error) === "ENOTFOUND" ? "dns" : "offline";
  }
}
