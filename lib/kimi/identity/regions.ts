/** The two regions of the service, each with its own accounts and hosts. */

import {
  DEFAULT_API_BASE,
  DEFAULT_OAUTH_HOST,
  GLOBAL_API_BASE,
  GLOBAL_OAUTH_HOST,
} from "./constants.ts";

/** The two hosts of the service, without a trailing slash. */
export interface Hosts {
  /** Host of the OAuth endpoints. */
  readonly oauth: string;
  /** Base URL of the API. */
  readonly api: string;
}

/** A region, named by its top-level domain: `kimi.com`, the default, or `kimi.ai`. */
export type Region = "com" | "ai";

/** The hosts of each region. Source: kimi-code `packages/oauth/src/region.ts`. */
export const REGIONS: Readonly<Record<Region, Hosts>> = {
  com: { oauth: DEFAULT_OAUTH_HOST, api: DEFAULT_API_BASE },
  ai: { oauth: GLOBAL_OAUTH_HOST, api: GLOBAL_API_BASE },
};

/** Returns the region of a host such as `api.kimi.ai`, or `undefined` if it is not Kimi's. */
export function regionOfHost(hostname: string): Region | undefined {
  const [, end] = /(?:^|\.)kimi\.(com|ai)$/.exec(hostname) ?? [];
  return end === "com" || end === "ai" ? end : undefined;
}

/**
 * Returns the region of a login, or `undefined` if neither of its hosts is Kimi's. The OAuth host, which
 * issued the tokens, decides.
 *
 * @param hosts The hosts stored with the login; without them the default hosts apply.
 * @example
 * ```ts
 * import { regionOf, REGIONS } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(regionOf(), "com");
 * assertEquals(regionOf(REGIONS.ai), "ai");
 * assertEquals(regionOf({ oauth: "http://localhost:1", api: "http://localhost:1/v1" }), undefined);
 * ```
 */
export function regionOf(hosts: Hosts = REGIONS.com): Region | undefined {
  const of = (url: string) => URL.canParse(url) ? regionOfHost(new URL(url).hostname) : undefined;
  return of(hosts.oauth) ?? of(hosts.api);
}
