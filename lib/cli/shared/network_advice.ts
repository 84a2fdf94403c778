/**
 * Why a host was not reached, in words for a person.
 *
 * @module
 */

import process from "node:process";
import {
  classifyNetworkError,
  explainNetworkFault,
  type NetworkFault,
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

/**
 * Says why a host was not reached, and what to do.
 *
 * @param doing What was being done.
 * @param error What was thrown.
 * @param url A URL of the host.
 * @param lookup Asked under Bun, which says that it was refused whatever went wrong.
 * @returns An error that says so, or the same one where the network is not to blame.
 */
export async function explained(
  doing: string,
  error: unknown,
  url: string,
  lookup: Lookup | undefined = process.versions.bun === undefined ? undefined : lookUp,
): Promise<unknown> {
  if (!(error instanceof KimiError) || denialOf(error) !== undefined) return error;
  const said = faultOf(error);
  if (said === undefined) return error;
  const { hostname, host } = new URL(url);
  const isVague = said === "refused" && lookup !== undefined;
  const fault = isVague ? await nameFault(hostname, lookup) : said;
  const { problem, cure } = explainNetworkFault(fault, host);
  const { code, status } = error;
  return new KimiError(code, `${doing}: ${problem}: ${cure}`, { cause: error, status });
}

function faultOf(error: KimiError): NetworkFault | undefined {
  const { code, status } = error;
  if (status === 407) return "proxy";
  if (status === 511) return "portal";
  if (code === "network" || code === "unreachable") return classifyNetworkError(error);
  const isPage = code === "invalid_answer" && error.cause instanceof SyntaxError;
  return isPage && (status < 400 || status === 403) ? "portal" : undefined;
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
