/** The login methods of the plugin in opencode 2.x, and the commands that choose them. */

import { PROVIDER_ID } from "./constants.ts";
import type { Region } from "./regions.ts";

/** opencode 2.x gives `oauth` to the logins that it imports from 1.x. */
export const V2_METHODS: Readonly<Record<Region, string>> = { com: "oauth", ai: "oauth-ai" };

/** Names the login method, for which opencode 2.x would ask. */
export function v2LoginCommand(region: Region = "com"): string {
  return `opencode auth login ${PROVIDER_ID} --method ${V2_METHODS[region]}`;
}
