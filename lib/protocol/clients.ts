/**
 * Identities and protocol strings, each with its source.
 *
 * @module
 */

/** This project's own version; the honest identity carries it. */
export const VERSION = "0.1.0";

/**
 * The release of kimi-cli whose requests are reproduced. 1.52.0, the one after it, only prints that
 * kimi-cli is retired.
 */
export const KIMI_CLI_VERSION = "1.51.0";

/** Id of the provider in opencode's configuration and in its auth.json. */
export const PROVIDER_ID = "kimi-for-coding-oauth";

/** Id of the plan's first model. Source: the service's `/models`. */
export const MODEL_ID = "kimi-for-coding";

/** OAuth client of Kimi Code, the same in both regions. Source: kimi-cli `auth/oauth.py`. */
export const CLIENT_ID = "17e5f671-d194-4dfb-9706-5516cb48c098";

/** Host of the OAuth endpoints unless configured. Source: kimi-cli `auth/oauth.py`. */
export const DEFAULT_OAUTH_HOST = "https://auth.kimi.com";

/** Base of the API unless configured. Source: kimi-cli `auth/platforms.py`. */
export const DEFAULT_API_BASE = "https://api.kimi.com/coding/v1";

/** The same base in the other region. Source: kimi-code `packages/oauth/src/region.ts`. */
export const GLOBAL_API_BASE = "https://api.kimi.ai/coding/v1";

/** Scope of the device authorization. The service's access tokens carry it as a claim. */
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

/** The values of {@linkcode ClientName}. */
export const CLIENT_NAMES: readonly ClientName[] = ["kimi-cli", "opencode"];

/** `User-Agent` of each client. Source: kimi-cli `constant.py`; the second is ours. */
export const USER_AGENTS: Readonly<Record<ClientName, string>> = {
  "kimi-cli": `KimiCLI/${KIMI_CLI_VERSION}`,
  opencode: `opencode-kimi-full/${VERSION}`,
};

/** `X-Msh-Platform` of kimi-cli. Source: kimi-cli `auth/oauth.py`, `_common_headers`. */
export const KIMI_CLI_PLATFORM = "kimi_cli";
