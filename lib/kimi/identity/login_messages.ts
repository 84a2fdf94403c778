/**
 * The lines that ask for a login.
 *
 * @module
 */

import { PROVIDER_ID } from "./constants.ts";
import type { Region } from "./regions.ts";

/** Labels of the plugin's login methods. */
export const LOGIN_METHODS: Readonly<Record<Region, string>> = {
  com: "Kimi account (kimi.com)",
  ai: "Kimi account (kimi.ai)",
};

/**
 * The command that helps where the login is at fault. Of several methods opencode lets the user
 * choose; without a terminal it waits for ever unless one is named.
 *
 * @param region Where the account is.
 * @returns A line for a shell.
 */
export function loginCommand(region: Region = "com"): string {
  return `opencode auth login -p ${PROVIDER_ID} -m "${LOGIN_METHODS[region]}"`;
}

/** The line where there is no login. */
export const NOT_LOGGED_IN = `Not logged in to Kimi: run ${loginCommand()} (or with kimi.ai)`;

/**
 * The line where the login has ended.
 *
 * @param region Where the account is.
 * @returns The line.
 */
export function loginRejected(region?: Region): string {
  return `Kimi no longer accepts the login: run ${loginCommand(region)}`;
}
