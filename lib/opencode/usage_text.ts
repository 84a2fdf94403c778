/** The usage of the plan as text, for the interfaces of opencode. */

import { fetchUsage } from "../client/account/fetch_usage.ts";
import type { Environment } from "../client/environment.ts";
import type { Credential } from "../client/tokens/credential.ts";
import type { TokenManager } from "../client/tokens/token_manager.ts";
import type { HostWords } from "../kimi/errors/error_words.ts";
import { type ClientName, PACKAGE_NAME } from "../kimi/identity/constants.ts";
import type { Hosts } from "../kimi/identity/hosts.ts";
import { formatUsage } from "../kimi/usage/format.ts";

/** How each part of opencode lists the command that shows the usage. */
export const USAGE_COMMAND = {
  id: `${PACKAGE_NAME}.usage`,
  title: "Kimi usage",
  group: "Kimi",
  slash: "kimi-usage",
} as const;

/** What the text depends on. */
export interface UsageQuestion {
  readonly tokens: Pick<TokenManager, "current" | "renew">;
  readonly hosts: (credential: Credential) => Hosts;
  readonly client: ClientName;
  readonly words: HostWords;
  /** Characters in a line. */
  readonly width: number;
}

/** Asks Kimi for the usage. */
export async function usageText(
  environment: Environment,
  { tokens, hosts, client, words, width }: UsageQuestion,
): Promise<string> {
  const api = (credential: Credential) => hosts(credential).api;
  const usage = await fetchUsage(environment, tokens, { words, client, api });
  const { now, localTime } = environment;
  return formatUsage(usage, { now: now(), width, localTime }).join("\n");
}
