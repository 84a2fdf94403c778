/**
 * The command `usage`: how much of the plan is used.
 *
 * @module
 */

import process from "node:process";
import type { Credential } from "../../client/tokens/credential.ts";
import type { Environment } from "../../client/environment.ts";
import { createAuthJsonTokens } from "../../client/auth_json/store.ts";
import { fetchUsage } from "../../client/account/fetch_usage.ts";
import type { TokenManager } from "../../client/tokens/token_manager.ts";
import { CLIENT_NAMES, type ClientName } from "../../kimi/identity/constants.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { PLAIN_WORDS } from "../../kimi/errors/error_words.ts";
import { loginCommand, loginRejected } from "../../kimi/identity/login_messages.ts";
import type { Variables } from "../../kimi/chat/env_settings.ts";
import type { Hosts } from "../../kimi/identity/hosts.ts";
import { regionOf } from "../../kimi/identity/regions.ts";
import { formatUsage } from "../../kimi/usage/format.ts";
import type { Usage } from "../../kimi/usage/response.ts";
import { sharedFile } from "../../runtime/fs/atomic_file.ts";
import { opencodeAuthPath } from "../../runtime/fs/xdg.ts";
import { denoApi } from "../../runtime/globals.ts";
import { systemEnvironment } from "../../runtime/environment.ts";
import { localTime } from "../../runtime/clock.ts";
import {
  AUTH_FILE_OPTION,
  fileLoginCommand,
  namedAuthFile,
  requestLoginFolders,
} from "../shared/auth_location.ts";
import { choiceOf, CLIENT_OPTION, type Command, EXIT, type Invocation } from "../shared/command.ts";
import { explained } from "../shared/network_advice.ts";
import { willPrompt } from "../shared/deno_permissions.ts";
import { commandPermissions } from "../shared/permissions.ts";
import { createLog, main } from "../shared/run.ts";
import { type Stream, styled, type Terminal } from "../shared/terminal.ts";

export type * from "../shared/types.ts";

/** The shares from which a bar is yellow or red. Source: kimi-cli `_ratio_color`. */
const YELLOW_FROM = 0.7;
const RED_FROM = 0.9;

/** The command. */
export const usage: Command = {
  name: "usage",
  summary: "Shows how much of the Kimi For Coding plan is used, and when each quota resets.",
  options: [
    CLIENT_OPTION,
    AUTH_FILE_OPTION,
    { name: "json", help: "print JSON, with shares from 0 to 1 and times in ISO 8601" },
  ],
  permissions: commandPermissions("usage", process.platform),
  run,
};

async function run({ values, terminal, signal }: Invocation): Promise<number> {
  const { out } = terminal;
  const client = choiceOf(values, "client", CLIENT_NAMES);
  const plan = await readPlanUsage(client, namedAuthFile(values), terminal, signal);
  out.write(values.json === true ? `${toJson(plan)}\n` : `${toText(plan, out)}\n`);
  return EXIT.ok;
}

async function readPlanUsage(
  client: ClientName,
  named: string | undefined,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Usage> {
  const environment = withAuthFile(systemEnvironment(createLog(terminal)), named);
  const { tokens, hosts } = await createAuthJsonTokens(environment, { client });
  const login = await tokens.stored();
  if (login === undefined && named !== undefined) {
    const message = `${named} holds no login: run ${fileLoginCommand(named)}`;
    throw new KimiError("not_logged_in", message);
  }
  if (login !== undefined) {
    await requestPermissions(environment, client, named, hosts(login), terminal);
  }
  const region = regionOf(login?.hosts);
  const again = named === undefined ? loginCommand(region) : fileLoginCommand(named, region);
  const explain = async (error: unknown) => {
    if (signal.aborted || login === undefined) throw error;
    if (error instanceof KimiError && error.code === "invalid_grant") {
      throw new KimiError(error.code, loginRejected(again), { cause: error });
    }
    throw await explained("Token refresh", error, hosts(login).oauth);
  };
  const source: Pick<TokenManager, "current" | "renew"> = {
    current: (signal) => tokens.current(signal).catch(explain),
    renew: (rejected, signal) => tokens.renew(rejected, signal).catch(explain),
  };
  const api = (credential: Credential) => hosts(credential).api;
  const words = { ...PLAIN_WORDS, login: `run ${again}` };
  try {
    return await fetchUsage(environment, source, { client, api, signal, words });
  } finally {
    // The command's end would leave a refreshed login unstored.
    await tokens.settled();
  }
}

/** Replaces opencode's login by that of a file. */
function withAuthFile(environment: Environment, path: string | undefined): Environment {
  if (path === undefined) return environment;
  // A copy would read every variable, which Deno does not allow.
  const hidden = { OPENCODE_AUTH_CONTENT: { value: undefined } };
  const variables: Variables = Object.create(environment.variables, hidden);
  const file = sharedFile(path);
  return { ...environment, variables, authFile: () => Promise.resolve(file) };
}

/** Requests all permissions before a refresh: a prompt during it would outlast the lock. */
async function requestPermissions(
  environment: Environment,
  client: ClientName,
  named: string | undefined,
  hosts: Hosts,
  terminal: Terminal,
): Promise<void> {
  for (const url of [hosts.oauth, hosts.api].filter((url) => URL.canParse(url))) {
    await denoApi()?.permissions.request({ name: "net", host: new URL(url).host });
  }
  if (!willPrompt(usage.permissions)) return;
  const { variables } = environment;
  const path = named ?? opencodeAuthPath(variables);
  await requestLoginFolders(path, "store the refreshed login", { client, variables, terminal });
  await environment.device(client);
}

function toText(plan: Usage, out: Stream): string {
  const paint = (bar: string, share: number) =>
    styled(out, share >= RED_FROM ? "red" : share >= YELLOW_FROM ? "yellow" : "green", bar);
  return formatUsage(plan, { now: Date.now(), width: out.columns, localTime, paint }).join("\n");
}

function toJson({ windows, ...rest }: Usage): string {
  const shown = windows.map(({ resetsAt, ...window }) => {
    return { ...window, resetsAt: resetsAt === undefined ? undefined : new Date(resetsAt) };
  });
  return JSON.stringify({ windows: shown, ...rest }, null, 2);
}

if (import.meta.main) await main(usage);
