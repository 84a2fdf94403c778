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
 * Makes an error that says why the host of the URL was not reached and how to fix it, of one that the
 * network caused; returns any other as it is.
 */
export async function explained(
  doing: string,
  error: unknown,
  url: string,
  { lookup = lookUp, context = { versions: process.versions, variables: process.env } }:
    AdviceOptions = {},
): Promise<unknown> {
  if (!(error instanceof KimiError) || denialOf(error) !== undefined) return error;
  const { code, status } = error;
  if (code !== "network" && code !== "unreachable") return error;
  const { hostname, host } = new URL(url);
  const said = classifyNetworkError(error).fault;
  const fault = said === "unreachable" ? await nameFault(hostname, lookup) : said;
  return new KimiError(code, networkMessage(doing, fault, host, context), { cause: error, status });
}

/** Bun's own resolver says ECONNREFUSED if it reaches no name server. */
async function nameFault(hostname: string, lookup: Lookup): Promise<NetworkFault> {
  try {
    await lookup(hostname.replace(/^\[|\]$/g, ""));
    return "refused";
  } catch (error) {
    return codeOf(error) === "ENOTFOUND" ? "dns" : "offline";
  }
}
