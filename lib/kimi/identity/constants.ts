/**
 * Identities and protocol strings, each with its source.
 *
 * @module
 */

/**
 * This project's own version; the honest identity carries it.
 *
 * @example
 * ```ts
 * import { USER_AGENTS, VERSION } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(USER_AGENTS.opencode, `opencode-kimi-full/${VERSION}`);
 * ```
 */
export const VERSION = "0.1.0";

/**
 * The release of kimi-cli whose requests are reproduced. 1.52.0, the one after it, only prints that
 * kimi-cli is retired.
 * @example
 * ```ts
 * import { KIMI_CLI_VERSION, USER_AGENTS } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(USER_AGENTS["kimi-cli"], `KimiCLI/${KIMI_CLI_VERSION}`);
 * ```
 */
export const KIMI_CLI_VERSION = "1.51.0";

/** Name of the npm package, and id of the plugin. */
export const PACKAGE_NAME = "opencode-kimi-full";

/** Id of the provider in opencode's configuration and in its auth.json. */
export const PROVIDER_ID = "kimi-for-coding-oauth";

/** Id of the plan's first model. Source: the service's `/models`. */
export const MODEL_ID = "kimi-for-coding";

/**
 * OAuth client of Kimi Code, the same in both regions. Source: kimi-cli `auth/oauth.py`.
 *
 * @example
 * ```ts
 * import { CLIENT_ID, deviceAuthorizationRequest } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const request = deviceAuthorizationRequest({ host: "https://auth.kimi.com", identity: {} }, false);
 * assertEquals((await request.formData()).get("client_id"), CLIENT_ID);
 * ```
 */
export const CLIENT_ID = "17e5f671-d194-4dfb-9706-5516cb48c098";

/**
 * Host of the OAuth endpoints unless configured. Source: kimi-cli `auth/oauth.py`.
 *
 * @example
 * ```ts
 * import { DEFAULT_OAUTH_HOST, resolveHosts } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(resolveHosts({}).oauth, DEFAULT_OAUTH_HOST);
 * ```
 */
export const DEFAULT_OAUTH_HOST = "https://auth.kimi.com";

/**
 * Base of the API unless configured. Source: kimi-cli `auth/platforms.py`.
 *
 * @example
 * ```ts
 * import { DEFAULT_API_BASE, resolveHosts } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(resolveHosts({}).api, DEFAULT_API_BASE);
 * ```
 */
export const DEFAULT_API_BASE = "https://api.kimi.com/coding/v1";

/** Host of the OAuth endpoints in the other region. Source: kimi-code `packages/oauth/src/region.ts`. */
export const GLOBAL_OAUTH_HOST = "https://auth.kimi.ai";

/**
 * The same base in the other region. Source: kimi-code `packages/oauth/src/region.ts`.
 *
 * @example
 * ```ts
 * import { assertTrusted, GLOBAL_API_BASE } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const hosts = { oauth: "https://auth.kimi.ai", api: GLOBAL_API_BASE };
 * assertEquals(assertTrusted(`${GLOBAL_API_BASE}/models`, hosts).host, "api.kimi.ai");
 * ```
 */
export const GLOBAL_API_BASE = "https://api.kimi.ai/coding/v1";

/**
 * Scope of the device authorization. The service's access tokens carry it as a claim.
 *
 * @example
 * ```ts
 * import { DEFAULT_SCOPE, deviceAuthorizationRequest } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const target = { host: "https://auth.kimi.com", identity: {} };
 * const request = deviceAuthorizationRequest(target, DEFAULT_SCOPE);
 * assertEquals((await request.formData()).get("scope"), "kimi-code");
 * ```
 */
export const DEFAULT_SCOPE = "kimi-code";

/** Paths below the OAuth host. Source: kimi-cli `auth/oauth.py`. */
export const OAUTH_PATHS = {
  deviceAuthorization: "/api/oauth/device_authorization",
  token: "/api/oauth/token",
} as const;

/** `grant_type` of a device token request. Source: RFC 8628 §3.4. */
export const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** Whose identity is sent: that of the pinned kimi-cli, or this project's own. */
export type ClientName = "kimi-cli" | "opencode";

/**
 * The values of {@linkcode ClientName}.
 *
 * @example
 * ```ts
 * import { CLIENT_NAMES } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(CLIENT_NAMES, ["kimi-cli", "opencode"]);
 * ```
 */
export const CLIENT_NAMES: readonly ClientName[] = ["kimi-cli", "opencode"];

/**
 * `User-Agent` of each client. Source: kimi-cli `constant.py`; the second is ours.
 *
 * @example
 * ```ts
 * import { USER_AGENTS } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(USER_AGENTS["kimi-cli"], "KimiCLI/1.51.0");
 * ```
 */
export const USER_AGENTS: Readonly<Record<ClientName, string>> = {
  "kimi-cli": `KimiCLI/${KIMI_CLI_VERSION}`,
  opencode: `${PACKAGE_NAME}/${VERSION}`,
};

/** `X-Msh-Platform` of kimi-cli. Source: kimi-cli `auth/oauth.py`, `_common_headers`. */
export const KIMI_CLI_PLATFORM = "kimi_cli";
