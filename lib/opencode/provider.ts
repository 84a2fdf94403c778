/** What the hooks of one opencode instance share: configuration, login, models and chat. */

import { chatModelIds } from "../client/chat/chat_model.ts";
import { type Chat, type ChatModel, createChat } from "../client/chat/fetch.ts";
import type { Environment } from "../client/environment.ts";
import { lazy } from "../client/net/lazy_import.ts";
import type { ServiceAccess } from "../client/tools/service.ts";
import type { Credential } from "../client/tokens/credential.ts";
import type { LoginStore, RefreshMemory } from "../client/tokens/login_store.ts";
import { createTokenManager, type TokenManager } from "../client/tokens/token_manager.ts";
import type { HostWords } from "../kimi/errors/error_words.ts";
import { messageOf } from "../kimi/errors/kimi_error.ts";
import type { EnvSettings } from "../kimi/chat/env_settings.ts";
import { type Hosts, resolveHosts } from "../kimi/identity/hosts.ts";
import type { Model } from "../kimi/models/catalog.ts";
import type { PluginOptions } from "../kimi/plugin_options.ts";
import { type JsonObject, objectOf, text } from "../kimi/util/json.ts";
import type { Background } from "./background.ts";
import type { Kept } from "./kept.ts";
import type { QuotaNotice } from "./quota_notice.ts";

/** What a provider depends on. */
export interface ProviderDeps extends Pick<QuotaNotice, "notices" | "notify"> {
  readonly environment: Environment;
  readonly options: PluginOptions;
  /** Opens the store of the login. */
  readonly store: () => Promise<LoginStore>;
  /** What is known of refreshes; by default what the process knows. */
  readonly memory?: RefreshMemory;
  /** A model as the host's configuration changes it. */
  readonly configured: (offered: JsonObject, id: string, account: readonly Model[]) => ChatModel;
  /** What the user can do about an error; by default in the words of opencode 1.x. */
  readonly words?: () => Promise<HostWords>;
  /** Called when Kimi has listed the account's models. */
  readonly onModels?: () => void;
}

/** The provider in one instance. Until it is configured, nothing is known but what is built in. */
export interface Provider {
  readonly chat: Chat;
  readonly tokens: TokenManager;
  /** What the plan's services are asked with. */
  readonly access: ServiceAccess;
  /** What the host keeps with its sessions, as far as this process knows it. */
  readonly kept: () => Promise<Kept>;
  /** `options.baseURL` as the user wrote it. */
  readonly baseUrl: () => string | undefined;
  /** The hosts in force for a login, or without one. */
  readonly hosts: (credential?: Credential) => Hosts;
  /** The account's models: those that Kimi listed to this process, then those of the cache. */
  readonly account: () => readonly Model[];
  /** Notes the entry that the user wrote, and reads the cached models. */
  readonly configure: (entry: JsonObject) => Promise<void>;
  /** Notes which models the host offers. */
  readonly offer: (models: JsonObject) => void;
  /** Asks for the account's models, unless that was done already; never fails. */
  readonly askModels: () => Promise<void>;
  /** Asks for the models of another account. */
  readonly askModelsAnew: () => Promise<void>;
}

const keptPart = lazy("What opencode keeps", () => import("./kept.ts"));
const backgroundPart = lazy("Models", () => import("./background.ts"));
const wordsPart = lazy("Words", () => import("./error_words.ts"));
const settingsPart = lazy("Settings", () => import("../kimi/chat/env_settings.ts"));

const NO_SETTINGS: EnvSettings = { problems: [] };

/** Creates the provider of one instance. */
export function createProvider(deps: ProviderDeps): Provider {
  const { environment, options: { client } } = deps;
  let users: JsonObject = {};
  let settings = NO_SETTINGS;
  let offered: JsonObject = {};
  let cached: readonly Model[] = [];
  let listed: readonly Model[] | undefined;
  const baseUrl = () => text(objectOf(users.options).baseURL);
  const hosts = (credential?: Credential) =>
    resolveHosts(environment.variables, baseUrl(), credential?.hosts);
  const api = (credential: Credential) => hosts(credential).api;
  const tokens = createTokenManager(environment, deps.store, { ...deps, hosts, client });
  const account = () => [...listed ?? [], ...cached];
  const inBackground = backgroundWork(environment, async () => {
    const { createBackground } = await backgroundPart();
    return createBackground({
      ...deps,
      api,
      stored: tokens.stored,
      offered: () => offered,
      onModels(models) {
        listed = models;
        deps.onModels?.();
      },
    });
  });
  let kept: Kept | undefined;
  const chat = createChat(environment, tokens, {
    client,
    kept: () => kept?.forChat,
    get settings() {
      return settings;
    },
    get chunkTimeout() {
      return chunkTimeout(users);
    },
    onAnswer: () => void inBackground("onAnswer"),
    model: (id) => deps.configured(offered, id, account()),
    models: () => chatModelIds(listed ?? cached),
    words: deps.words ?? (async () => (await wordsPart()).OPENCODE_WORDS),
    base: (credential) => ({ from: hosts().api, to: api(credential) }),
  });

  return {
    chat,
    tokens,
    access: { environment, tokens, client, api },
    async kept() {
      if (kept !== undefined) return kept;
      const { createKept } = await keptPart();
      return kept ??= createKept(environment);
    },
    baseUrl,
    hosts,
    account,
    async configure(given) {
      users = given;
      settings = await orElse(environment, envSettings(environment), NO_SETTINGS);
      cached = await cachedModels(environment, api);
    },
    offer: (models) => void (offered = models),
    askModels: () => inBackground("askModels"),
    async askModelsAnew() {
      listed = undefined;
      cached = await cachedModels(environment, api);
      await inBackground("askModelsAnew");
    },
  };
}

/** Runs one of the functions; what fails to load is loaded again the next time. */
function backgroundWork(
  { log }: Pick<Environment, "log">,
  start: () => Promise<Background>,
): (work: keyof Background) => Promise<void> {
  let background: Promise<Background> | undefined;
  return async (work) => {
    try {
      background ??= start();
      await (await background)[work]();
    } catch (error) {
      background = undefined;
      log("debug", messageOf(error));
    }
  };
}

/** The limit of silence that the user set for opencode. */
function chunkTimeout(users: JsonObject): number | false | undefined {
  const limit = objectOf(users.options).chunkTimeout;
  return limit === false || (typeof limit === "number" && limit > 0) ? limit : undefined;
}

/** Most users set no variable, and then the part that reads them is not loaded. */
async function envSettings({ variables, log }: Environment): Promise<EnvSettings> {
  if (!Object.keys(variables).some((name) => /^KIMI_MODEL_/.test(name))) return NO_SETTINGS;
  const { readEnvSettings } = await settingsPart();
  const settings = readEnvSettings(variables);
  for (const problem of settings.problems) log("warn", problem);
  return settings;
}

async function cachedModels(
  environment: Environment,
  api: (credential: Credential) => string,
): Promise<readonly Model[]> {
  const models = backgroundPart().then(({ keptModels }) => keptModels(environment, api));
  return await orElse(environment, models, []);
}

/** What cannot be loaded is logged, and left out. */
async function orElse<T>({ log }: Environment, work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    log("warn", messageOf(error));
    return otherwise;
  }
}
