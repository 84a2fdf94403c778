/** Decides which hosts are used, and which of them may receive credentials. */

import { KimiError } from "../errors/kimi_error.ts";
import { loginCommand } from "./login_messages.ts";
import { type Hosts, regionOf, regionOfHost, REGIONS } from "./regions.ts";
import type { Variables } from "../chat/env_settings.ts";

export type { Hosts };

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether nobody on the way can read what is sent to a URL: https, or http on this machine. */
export function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname));
}

function trimmed(url: string): string {
  return url.trim().replace(/\/+$/, "");
}

/**
 * Returns the hosts to use. For each, the first that is set counts: the user's option (API only), the
 * environment variable, the host stored with the login, the default.
 *
 * @param baseUrl The user's option; a default URL of either region counts as unset.
 * @param known The hosts stored with the login.
 * @example
 * ```ts
 * import { resolveHosts } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(resolveHosts({}).oauth, "https://auth.kimi.com");
 * ```
 */
export function resolveHosts(variables: Variables, baseUrl?: string, known?: Hosts): Hosts {
  const option = trimmed(baseUrl ?? "");
  const isUnset = ["", REGIONS.com.api, REGIONS.ai.api].includes(option.toLowerCase());
  return {
    oauth: trimmed(
      variables.KIMI_CODE_OAUTH_HOST || variables.KIMI_OAUTH_HOST || known?.oauth ||
        REGIONS.com.oauth,
    ),
    api: isUnset ? trimmed(variables.KIMI_CODE_BASE_URL || known?.api || REGIONS.com.api) : option,
  };
}

/** Whether hosts are the default ones, which need not be stored with a login. */
export function areDefaultHosts({ oauth, api }: Hosts): boolean {
  return oauth === REGIONS.com.oauth && api === REGIONS.com.api;
}

/** Whether a credential may be sent to a URL. */
export function isTrusted(url: string, known?: Hosts): boolean {
  try {
    return assertTrusted(url, known) !== undefined;
  } catch (error) {
    if (error instanceof KimiError) return false;
    throw error;
  }
}

/** Parses a URL that a credential is to be sent to; throws `untrusted_host` if it must not be. */
export function assertTrusted(url: string, known?: Hosts): URL {
  if (!URL.canParse(url)) throw new KimiError("untrusted_host", `"${url}" is not a URL`);
  const parsed = new URL(url);
  const { hostname, origin } = parsed;
  if (!isPrivate(parsed)) {
    throw new KimiError(
      "untrusted_host",
      `Kimi's tokens are not sent to ${origin}: only https is allowed, or http on this machine`,
    );
  }
  if (LOOPBACK.test(hostname)) return parsed;
  const [region, own] = [regionOfHost(hostname), regionOf(known)];
  const wasKnown = known !== undefined &&
    [known.oauth, known.api].some((host) => URL.canParse(host) && new URL(host).origin === origin);
  if (region === undefined ? wasKnown : region === own) return parsed;
  throw new KimiError(
    "untrusted_host",
    region !== undefined && own !== undefined
      ? `A kimi.${own} login is not sent to ${hostname}, a host of the other region: unset that host, ` +
        `or run ${loginCommand(region)}`
      : `Kimi's tokens are not sent to ${hostname}: it was not configured when you logged in. If you ` +
        "trust it, log in again",
  );
}
