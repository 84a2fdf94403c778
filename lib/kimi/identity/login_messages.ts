/** Messages that ask the user to log in. */

import { PROVIDER_ID } from "./constants.ts";
import type { Region } from "./regions.ts";

/** Labels of the plugin's login methods. */
export const LOGIN_METHODS: Readonly<Record<Region, string>> = {
  com: "Kimi account (kimi.com)",
  ai: "Kimi account (kimi.ai)",
};

/** Names the login method: without it opencode asks, and waits for ever if there is no terminal. */
export function loginCommand(region: Region = "com"): string {
  return `opencode auth login -p ${PROVIDER_ID} -m "${LOGIN_METHODS[region]}"`;
}

export const NOT_LOGGED_IN = `Not logged in to Kimi: run ${loginCommand()} (or with kimi.ai)`;

export function loginRejected(command: string): string {
  return `Kimi no longer accepts the login: run ${command}`;
}
