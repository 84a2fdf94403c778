/** Where a request of opencode's goes. */

import { type Hosts, isTrusted } from "../../../kimi/identity/hosts.ts";
import { REGIONS } from "../../../kimi/identity/regions.ts";

/**
 * Returns the URL to send a login to, below `base` if opencode's URL is below a default base; `undefined`
 * for a host that gets no login.
 */
export function targetOf(url: string, base: string, known: Hosts | undefined): string | undefined {
  const bases = [base, REGIONS.com.api, REGIONS.ai.api];
  const own = bases.find((api) => url.startsWith(`${api}/`));
  if (own !== undefined) return `${base}${url.slice(own.length)}`;
  return isTrusted(url, known) ? url : undefined;
}

/** Copies a request without opencode's token, which opencode itself would send to any host. */
export function withoutLogin(request: Request): Request {
  const copy = new Request(request);
  copy.headers.delete("authorization");
  return copy;
}
