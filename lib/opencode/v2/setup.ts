/** The plugin for opencode 2.x: what `setup` registers in a folder. */

import { accountId } from "../../kimi/util/jwt.ts";
import type { Environment } from "../../client/environment.ts";
import { lazy, loadAll } from "../../client/net/lazy_import.ts";
import { messageOf } from "../../kimi/errors/kimi_error.ts";
import { PACKAGE_NAME, PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { LOGIN_METHODS } from "../../kimi/identity/login_messages.ts";
import type { Region } from "../../kimi/identity/regions.ts";
import { V2_METHODS } from "../../kimi/identity/v2_login.ts";
import { readOptions } from "../../kimi/plugin_options.ts";
import { systemEnvironment } from "../../runtime/environment.ts";
import { openLog } from "../../runtime/fs/log_file.ts";
import { PROVIDER_NAME } from "../offered_models.ts";
import { createChatHooks } from "./chat/hooks.ts";
import { type Core, createCore } from "./core.ts";
import { type Account, createAccount } from "./account.ts";
import { hasFunction } from "./host.ts";
import { authorize } from "./login/authorize.ts";
import type { History } from "./kept/history.ts";
import { refreshRow } from "./login/refresh.ts";
import { providerEntry } from "./models.ts";
import {
  type HostContext,
  isHostContext,
  type LoginMethod,
  missingIn,
  type OAuthRow,
} from "./types.ts";
import { addUsageCommand } from "./usage.ts";

const keptPart = lazy("What opencode keeps", () => import("./kept/register.ts"));
const toolsPart = lazy("Tools", () => import("./tools/tools.ts"));

/** What all folders of an opencode service share. */
export interface ServiceState {
  /** By the JSON of their options. */
  readonly cores: Map<string, Core>;
  readonly make: (options: Core["options"]) => Core;
  readonly environment: Pick<Environment, "log">;
}

let service: ServiceState | undefined;

/** The state of this process, whose log is a file: opencode 2.x has no log for plugins. */
function ownService(): ServiceState {
  if (service !== undefined) return service;
  const environment = systemEnvironment(openLog());
  const make = (options: Core["options"]) => createCore(environment, options);
  return service = { cores: new Map(), make, environment };
}

/** Registers login, provider, chat and command; returns the function that opencode calls at the end. */
export async function setUp(
  context: unknown,
  state: ServiceState = ownService(),
): Promise<(() => void) | undefined> {
  const { log } = state.environment;
  if (!isHostContext(context)) {
    log("error", `${PACKAGE_NAME} needs opencode 2.0.4: this one has no ${missingIn(context)}`);
    return undefined;
  }
  const { options, problems } = readOptions(context.options);
  for (const problem of problems) log("warn", problem);
  const key = JSON.stringify(options);
  const core = state.cores.get(key) ?? state.make(options);
  state.cores.set(key, core);
  await core.ready();
  const controller = new AbortController();
  await register(context, core, controller.signal);
  return () => controller.abort();
}

async function register(host: HostContext, core: Core, signal: AbortSignal): Promise<void> {
  const { environment, provider, options, listeners } = core;
  const account = createAccount(host, core);
  const safely = (what: string, work: () => void) => {
    try {
      work();
    } catch (error) {
      // opencode disables a plugin whose callback throws. Source: core `plugin.ts`.
      environment.log("error", `${what}: ${messageOf(error)}`);
    }
  };
  const methods = loginMethods(core, account.mark, signal);
  await host.integration.transform((editor) =>
    safely("The login is missing", () => {
      editor.update(PROVIDER_ID, (integration) => void (integration.name = PROVIDER_NAME));
      for (const method of methods) editor.method.update(method);
    })
  );
  await host.provider.transform((editor) =>
    safely("The provider is missing", () => {
      editor.add(providerEntry(provider.hosts().api, provider.account(), options.discover));
    })
  );
  const history = await keptWithSessions(host, core, account);
  const hooks = createChatHooks(core, { ...account, history });
  const ours = { providerID: PROVIDER_ID };
  await host.session.hook("http.request", hooks.onRequest, ours);
  await host.session.hook("http.response", hooks.onResponse, ours);
  await addUsageCommand(host, core);
  await addTools(host, core, account);
  const reload = () => {
    host.provider.reload?.().catch((error) => environment.log("warn", messageOf(error)));
  };
  listeners.add(reload);
  signal.addEventListener("abort", () => listeners.delete(reload), { once: true });
  void loadAll("The plugin is not complete")
    .catch((error: unknown) => environment.log("warn", messageOf(error)))
    .then(provider.askModels);
  void account.watch(signal);
}

/** What keeps videos and spellings; without it, both are opencode's own. */
async function keptWithSessions(
  host: HostContext,
  core: Core,
  account: Account,
): Promise<History | undefined> {
  try {
    const { keepWithSessions } = await keptPart();
    return await keepWithSessions(host, core, account);
  } catch (error) {
    core.environment.log("error", `Videos and spellings are not kept: ${messageOf(error)}`);
    return undefined;
  }
}

async function addTools(host: HostContext, core: Core, account: Account): Promise<void> {
  if (!core.options.tools || !hasFunction(host, "tool", "transform")) return;
  try {
    const { addWebTools } = await toolsPart();
    await addWebTools(host, core, account);
  } catch (error) {
    core.environment.log("error", `The tools are missing: ${messageOf(error)}`);
  }
}

/** Two accounts of a region differ in the end of their ids. */
function labelOf({ access }: OAuthRow, region: Region): string {
  const id = accountId(access);
  return id === "" ? LOGIN_METHODS[region] : `${LOGIN_METHODS[region]} …${id.slice(-4)}`;
}

function loginMethods(
  core: Core,
  mark: (problem: string | undefined) => Promise<void>,
  signal: AbortSignal,
): readonly LoginMethod[] {
  const method = (region: Region): LoginMethod => ({
    integrationID: PROVIDER_ID,
    method: { id: V2_METHODS[region], type: "oauth", label: LOGIN_METHODS[region] },
    authorize: () => authorize({ ...core, signal }, region),
    refresh: (row) => refreshRow({ ...core, tokens: core.provider.tokens, mark }, row),
    label: (row) => labelOf(row, region),
  });
  return [method("com"), method("ai")];
}
