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

const THIS_PROCESS: NetworkContext & { readonly lookup: Lookup } = {
  versions: process.versions,
  variables: process.env,
  lookup: async (hostname) => await (await import("node:dns/promises")).lookup(hostname),
};

/** Explains an error that the network caused, with a fix; returns any other as it is. */
export async function explained(
  doing: string,
  error: unknown,
  url: string,
  { lookup, ...context }: typeof THIS_PROCESS = THIS_PROCESS,
): Promise<unknown> {
  if (!(error instanceof KimiError) || denialOf(error) !== undefined) return error;
  const { code, status } = error;
  if (code !== "network" && code !== "unreachable") return error;
  const { hostname, host } = new URL(url);
  const fault = await faultOf(error, hostname, lookup);
  return new KimiError(code, networkMessage(doing, fault, host, context), { cause: error, status });
}

/** Classifies an error, and looks the name up if the error does not say whether it is known. */
export async function faultOf(
  error: unknown,
  hostname: string,
  lookup: Lookup,
): Promise<NetworkFault> {
  const { fault } = classifyNetworkError(error);
  if (fault !== "unreachable") return fault;
  try {
    await lookup(hostname.replace(/^\[|\]$/g, ""));
    return "refused";
  } catch (error) {
    // Bun's own resolver says ECONNREFUSED if it reaches no name server.
    return codeOf(error) === "ENOTFOUND" ? "dns" : "offline";
  }
}
