/**
 * The two regions of the service, each with accounts and hosts of its own.
 *
 * @see kimi-code `packages/oauth/src/region.ts`
 * @module
 */

import {
  DEFAULT_API_BASE,
  DEFAULT_OAUTH_HOST,
  GLOBAL_API_BASE,
  GLOBAL_OAUTH_HOST,
} from "./constants.ts";

/** The two hosts of the service, without a slash at their ends. */
export interface Hosts {
  /** Host of the OAuth endpoints. */
  readonly oauth: string;
  /** Base of the API. */
  readonly api: string;
}

/** A region, by the end of its domain: `kimi.com`, the default, or `kimi.ai`. */
export type Region = "com" | "ai";

/**
 * The hosts of each region.
 *
 * @example
 * ```ts
 * import { REGIONS } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(REGIONS.ai.api, "https://api.kimi.ai/coding/v1");
 * ```
 */
export const REGIONS: Readonly<Record<Region, Hosts>> = {
  com: { oauth: DEFAULT_OAUTH_HOST, api: DEFAULT_API_BASE },
  ai: { oauth: GLOBAL_OAUTH_HOST, api: GLOBAL_API_BASE },
};

/**
 * The region that a host belongs to.
 *
 * @param hostname A host, such as `api.kimi.ai`.
 * @returns The region, or undefined for a host that is not Kimi's.
 */
export function regionOfHost(hostname: string): Region | undefined {
  const [, end] = /(?:^|\.)kimi\.(com|ai)$/.exec(hostname) ?? [];
  return end === "com" || end === "ai" ? end : undefined;
}

/**
 * The region that a login belongs to: that of the host which gave it its tokens.
 *
 * @param hosts Hosts that are kept with the login; none stand for the default ones.
 * @returns The region, or undefined where neither host is Kimi's.
 * @example
 * ```ts
 * import { regionOf, REGIONS } from "@kimi/full";
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
