/**
 * `usage`: what is used of the plan.
 *
 * @module
 */

import { homedir } from "node:os";
import process from "node:process";
import type { Credential } from "../../client/tokens/credential.ts";
import type { Environment } from "../../client/environment.ts";
import { fileSource } from "../../client/auth_json/token_source.ts";
import { fetchUsage } from "../../client/account/fetch_usage.ts";
import { createRefreshState } from "../../client/tokens/refresh_state.ts";
import type { TokenSource } from "../../client/tokens/token_source.ts";
import type { ClientName } from "../../kimi/identity/constants.ts";
import type { Hosts } from "../../kimi/identity/hosts.ts";
import { quotaText } from "../../kimi/usage/format.ts";
import type { Usage } from "../../kimi/usage/response.ts";
import { denoApi } from "../../runtime/deno.ts";
import { shareDirectory } from "../../runtime/device/device_id.ts";
import { systemEnvironment } from "../../runtime/environment.ts";
import { localTime } from "../../runtime/local_time.ts";
import { opencodeDataDirectory } from "../../runtime/fs/atomic_file.ts";
import { requestAuthFolders } from "../shared/auth_location.ts";
import { CLIENT_OPTION, clientOf } from "../shared/client_option.ts";
import { type Command, EXIT, type Invocation } from "../shared/command.ts";
import { explained } from "../shared/network_advice.ts";
import {
  devicePermissions,
  type Permission,
  requestFolder,
  willPrompt,
} from "../shared/deno_permissions.ts";
import { logOn, main } from "../shared/run.ts";
import { type Stream, styled, type Terminal } from "../shared/terminal.ts";

export type {
  Command,
  Invocation,
  Option,
  OptionValues,
  Permission,
  Stream,
  Terminal,
} from "../shared/command.ts";

/** Used shares from which on a bar is yellow, and red. Source: kimi-cli `_ratio_color`. */
const YELLOW_FROM = 0.7;
const RED_FROM = 0.9;

/** The smallest set. */
const PERMISSIONS: readonly Permission[] = [
  {
    flag: "--allow-net",
    value: "auth.kimi.com,api.kimi.com,auth.kimi.ai,api.kimi.ai",
    why: "ask for the quotas, and refresh the login where it is due",
  },
  {
    flag: "--allow-env",
    value:
      "KIMI_CODE_OAUTH_HOST,KIMI_OAUTH_HOST,KIMI_CODE_BASE_URL,KIMI_SHARE_DIR,XDG_DATA_HOME,OPENCODE_AUTH_CONTENT",
    why: "see which hosts, folders and logins are set",
  },
  {
    flag: "--allow-read",
    value: "$HOME/.local/share/opencode",
    why: "find the login in opencode's auth.json",
  },
  {
    flag: "--allow-write",
    value: "$HOME/.local/share/opencode",
    why: "keep the login there if it had to be refreshed",
  },
  ...devicePermissions(process.platform),
];

/**
 * The command.
 *
 * @example
 * ```ts
 * import { usage } from "@kimi/full/usage";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(usage.name, "usage");
 * ```
 */
export const usage: Command = {
  name: "usage",
  summary: "Shows what is used of the Kimi For Coding plan, and when its quotas start anew.",
  options: [
    CLIENT_OPTION,
    { name: "json", help: "print JSON, with shares from 0 to 1 and times in ISO 8601" },
  ],
  permissions: PERMISSIONS,
  run,
};

async function run({ values, terminal, signal }: Invocation): Promise<number> {
  const { out } = terminal;
  const quotas = await ask(clientOf(values), terminal, signal);
  out.write(values.json === true ? `${json(quotas)}\n` : `${text(quotas, out)}\n`);
  return EXIT.ok;
}

async function ask(
  client: ClientName,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Usage> {
  const environment = systemEnvironment(logOn(terminal));
  const { tokens, hosts } = await fileSource(environment, client, createRefreshState());
  const login = await tokens.stored();
  if (login !== undefined) await requestAll(environment, hosts(login), terminal);
  const explain = async (error: unknown) => {
    if (signal.aborted || login === undefined) throw error;
    throw await explained("Token refresh", error, hosts(login).oauth);
  };
  const told: Pick<TokenSource, "current" | "renew"> = {
    current: (signal) => tokens.current(signal).catch(explain),
    renew: (rejected, signal) => tokens.renew(rejected, signal).catch(explain),
  };
  const api = (credential: Credential) => hosts(credential).api;
  return await fetchUsage(environment, told, { client, api, signal });
}

/** A prompt during a refresh would outlast the lock, and another process would spend the same token. */
async function requestAll(
  environment: Environment,
  hosts: Hosts,
  terminal: Terminal,
): Promise<void> {
  for (const url of [hosts.oauth, hosts.api].filter((url) => URL.canParse(url))) {
    await denoApi()?.permissions.request({ name: "net", host: new URL(url).host });
  }
  if (!willPrompt(PERMISSIONS)) return;
  const { variables } = environment;
  const path = `${opencodeDataDirectory(variables, homedir())}/auth.json`;
  await requestAuthFolders(path, "keep a login that has to be refreshed", terminal);
  await requestFolder(shareDirectory(variables, homedir()), "share kimi-cli's device id", terminal);
  await environment.device();
}

function text(quotas: Usage, out: Stream): string {
  const paint = (bar: string, share: number) =>
    styled(out, share >= RED_FROM ? "red" : share >= YELLOW_FROM ? "yellow" : "green", bar);
  return quotaText(quotas, { now: Date.now(), width: out.columns, localTime, paint }).join("\n");
}

function json({ windows, ...rest }: Usage): string {
  const iso = (time: number | undefined) =>
    time === undefined ? {} : { resetsAt: new Date(time).toISOString() };
  const shown = windows.map(({ resetsAt, ...window }) => ({ ...window, ...iso(resetsAt) }));
  return JSON.stringify({ windows: shown, ...rest }, null, 2);
}

if (import.meta.main) await main(usage);
