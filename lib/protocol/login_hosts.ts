/**
 * The hosts of a new login.
 *
 * @module
 */

import { assertTrusted, type Hosts, resolveHosts } from "./hosts.ts";
import { type Region, REGIONS } from "./regions.ts";
import type { Variables } from "./switches.ts";

/**
 * The hosts that a new login is for: what is set, and for the rest those of the region.
 *
 * @param region The region that the user chose.
 * @param variables The environment.
 * @param baseUrl `options.baseURL` of the provider.
 * @returns The hosts, to be kept with the login.
 * @throws {KimiError} `untrusted_host` where the tokens could not go to that API.
 */
export function loginHosts(region: Region, variables: Variables, baseUrl?: string): Hosts {
  const hosts = resolveHosts(variables, baseUrl, REGIONS[region]);
  assertTrusted(hosts.api, hosts);
  return hosts;
}
