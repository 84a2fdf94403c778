/** Chooses the hosts of a new login. */

import { KimiError } from "../errors/kimi_error.ts";
import { assertTrusted, type Hosts, resolveHosts } from "./hosts.ts";
import { type Region, regionOf, REGIONS } from "./regions.ts";
import type { Variables } from "../chat/env_settings.ts";

/** Returns the configured hosts, otherwise those of the region; throws `untrusted_host`. */
export function loginHosts(region: Region, variables: Variables, baseUrl?: string): Hosts {
  const hosts = resolveHosts(variables, baseUrl, REGIONS[region]);
  const { oauth, api } = hosts;
  const set = regionOf(hosts);
  if (set !== undefined && set !== region && api === REGIONS[region].api) {
    throw new KimiError(
      "untrusted_host",
      `Login: ${oauth} does not belong to kimi.${region}: unset KIMI_CODE_OAUTH_HOST and KIMI_OAUTH_HOST, or ` +
        `choose kimi.${set}`,
    );
  }
  if (!URL.canParse(api)) {
    throw new KimiError(
      "untrusted_host",
      `Login: the API base "${api}" is not a URL: correct KIMI_CODE_BASE_URL or options.baseURL`,
    );
  }
  assertTrusted(api, hosts);
  return hosts;
}
