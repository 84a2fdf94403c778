/** The two regions of the service, each with its own accounts and hosts. */

import { DEFAULT_API_BASE } from "./constants.ts";

/** The two hosts of the service, without a trailing slash. */
export interface Hosts {
  /** Host of the OAuth endpoints. */
  readonly oauth: string;
  /** Base URL of the API. */
  readonly api: string;
}

/** A region, named by its top-level domain: `kimi.com`, the default, or `kimi.ai`. */
export type Region = "com" | "ai";

/**
 * The hosts of each region.
 *
 * @see kimi-cli 1.51.0 `auth/oauth.py` and `auth/platforms.py`, kimi-code `packages/oauth/src/region.ts`
 */
export const REGIONS: Readonly<Record<Region, Hosts>> = {
  com: { oauth: "https://auth.kimi.com", api: DEFAULT_API_BASE },
  ai: { oauth: "https://auth.kimi.ai", api: "https://api.kimi.ai/coding/v1" },
};

/** Returns the region of a host such as `api.kimi.ai`, or `undefined` if it is not Kimi's. */
export function regionOfHost(hostname: string): Region | undefined {
  const [, end] = /(?:^|\.)kimi\.(com|ai)$/.exec(hostname) ?? [];
  return end === "com" || end === "ai" ? end : undefined;
}

/** Returns the region of a login, if any host is Kimi's; the OAuth host, which issued it, decides. */
export function regionOf(hosts: Hosts = REGIONS.com): Region | undefined {
  const of = (url: string) => URL.canParse(url) ? regionOfHost(new URL(url).hostname) : undefined;
  return of(hosts.oauth) ?? of(hosts.api);
}
