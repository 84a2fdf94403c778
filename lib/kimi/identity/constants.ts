/** Protocol constants, each with its source. */

/** Version of this project. */
export const VERSION = "0.1.0";

/** The release of kimi-cli whose requests are reproduced. 1.52.0 only reports its retirement. */
export const KIMI_CLI_VERSION = "1.51.0";

/** The release of kimi-code, kimi-cli's successor, whose requests are reproduced. */
export const KIMI_CODE_VERSION = "2.1.0";

/** Name of the npm package, and id of the plugin. */
export const PACKAGE_NAME = "opencode-kimi-full";

/** Id of the provider in opencode's configuration and in its auth.json. */
export const PROVIDER_ID = "kimi-for-coding-oauth";

/** Id of the plan's first model. Source: the service's `/models`. */
export const MODEL_ID = "kimi-for-coding";

/** OAuth client id of Kimi Code in both regions. Source: kimi-cli `auth/oauth.py`. */
export const CLIENT_ID = "17e5f671-d194-4dfb-9706-5516cb48c098";

/** Default base URL of the API. Source: kimi-cli `auth/platforms.py`. */
export const DEFAULT_API_BASE = "https://api.kimi.com/coding/v1";

/** Scope of the device authorization; the service's access tokens carry it as a claim. */
export const DEFAULT_SCOPE = "kimi-code";

/**
 * The client whose identity is sent: the pinned kimi-cli or kimi-code, or this project under its own
 * name.
 */
export type ClientName = "kimi-cli" | "kimi-code" | "opencode";

export const CLIENT_NAMES: readonly ClientName[] = ["kimi-cli", "kimi-code", "opencode"];

export const DEFAULT_CLIENT: ClientName = "kimi-cli";

/** Scope of the device authorization of each client, unless the user sets one. */
export const SCOPES: Readonly<Record<ClientName, string | false>> = {
  "kimi-cli": DEFAULT_SCOPE,
  "kimi-code": false,
  opencode: DEFAULT_SCOPE,
};

/** `User-Agent` of each client. Source of the first: kimi-cli `constant.py`. */
export const USER_AGENTS: Readonly<Record<ClientName, string>> = {
  "kimi-cli": `KimiCLI/${KIMI_CLI_VERSION}`,
  "kimi-code": `kimi-code-cli/${KIMI_CODE_VERSION}`,
  opencode: `${PACKAGE_NAME}/${VERSION}`,
};
