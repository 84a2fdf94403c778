/**
 * The plugin: opencode's hooks over the rooms that know Kimi.
 *
 * @module
 */

import { type Chat, chat } from "../../client/chat/fetch.ts";
import type { Credential } from "../../client/tokens/credential.ts";
import type { Environment } from "../../client/environment.ts";
import { loaded } from "../../client/net/lazy_import.ts";
import type { LoginStore } from "../../client/tokens/login_store.ts";
import {
  createTokenManager,
  type RefreshMemory,
  type TokenManager,
} from "../../client/tokens/token_manager.ts";
import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { messageOf } from "../../kimi/errors/kimi_error.ts";
import { type Hosts, resolveHosts } from "../../kimi/identity/hosts.ts";
import { LOGIN_METHODS } from "../../kimi/identity/login_messages.ts";
import type { Model } from "../../kimi/models/catalog.ts";
import { isObject, type JsonObject, text } from "../../kimi/util/json.ts";
import type { Region } from "../../kimi/identity/regions.ts";
import { readEnvSettings } from "../../kimi/chat/env_settings.ts";
import { setChatParams } from "./chat_params.ts";
import { type PluginOptions, readOptions } from "../../kimi/plugin_options.ts";
import { preload } from "./preload.ts";
import { chatModel, factsOf, providerEntry } from "./provider_entry.ts";
import type { AuthMethod, Config, Hooks, OpencodeClient } from "./types.ts";

/** What the instances of a process share. */
const PROCESS = {};

/** What the hooks of one instance share. */
interface Instance {
  readonly environment: Environment;
  readonly client: OpencodeClient;
  readonly options: PluginOptions;
  readonly memory: RefreshMemory | undefined;
  /** `options.baseURL` as the user wrote it. */
  baseUrl?: string | undefined;
  /** The account's models as they were kept, and as the service gave them to this process. */
  kept?: readonly Model[] | undefined;
  live?: readonly Model[] | undefined;
  /** The `models` that the user wrote. */
  users?: unknown;
  /** The provider's models, as configured. */
  models?: unknown;
  /** Set by the loader, which opencode calls only if it reads a login. */
  source?: TokenManager;
}

/**
 * Makes the hooks of one opencode instance. None of them throws; a login alone fails with an error,
 * which opencode shows.
 *
 * @param environment Clock, network, device, auth.json and log.
 * @param client opencode's client.
 * @param given The plugin's options as the user wrote them.
 * @param memory What is known of refreshes; by default what the process knows.
 * @returns The hooks.
 */
export function createHooks(
  environment: Environment,
  client: OpencodeClient,
  given: unknown,
  memory?: RefreshMemory,
): Hooks {
  const { options, problems } = readOptions(given);
  for (const problem of problems) environment.log("warn", problem);
  const instance: Instance = { environment, client, options, memory };
  const askModels = modelQuestionOf(instance);
  const watchQuota = quotaWatchOf(instance);
  const talk = createChat(instance, () => {
    void askModels();
    void watchQuota();
  });
  const safely = async (what: string, run: () => void | Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      environment.log("error", `${what}: ${messageOf(error)}`);
    }
  };
  const abilitiesOf = (id: string) => factsOf(id, instance.live ?? instance.kept);
  return {
    config: (config) => safely("The provider is missing", () => configure(instance, config, talk)),
    auth: {
      provider: PROVIDER_ID,
      methods: [loginMethod(instance, "com"), loginMethod(instance, "ai")],
      async loader(getAuth, provider) {
        await safely("The login is not used", () => load(instance, getAuth, provider));
        void preload(environment).then(askModels);
        return { ...talk };
      },
    },
    "chat.params": (input, output) =>
      safely("The parameters are not set", () => setChatParams(input, output, abilitiesOf)),
  };
}

function loginMethod(instance: Instance, region: Region): AuthMethod {
  return {
    type: "oauth",
    label: LOGIN_METHODS[region],
    async authorize() {
      const { authorize } = await loaded("Login", import("./login.ts"));
      const { environment, options, baseUrl } = instance;
      return await authorize(environment, options, region, baseUrl);
    },
  };
}

function hostsOf({ environment, baseUrl }: Instance, credential?: Credential): Hosts {
  return resolveHosts(environment.variables, baseUrl, credential?.hosts);
}

async function configure(instance: Instance, config: Config, talk: Chat): Promise<void> {
  const providers = isObject(config.provider) ? config.provider : {};
  const users = isObject(providers[PROVIDER_ID]) ? providers[PROVIDER_ID] : {};
  instance.baseUrl = text(isObject(users.options) ? users.options.baseURL : undefined);
  instance.users = users.models;
  if (instance.options.discover) instance.kept = await keptModels(instance);
  const baseURL = hostsOf(instance).api;
  const entry = providerEntry(config, { baseURL, chat: talk, account: instance.kept });
  instance.models = entry.models;
  config.provider = { ...providers, [PROVIDER_ID]: entry };
}

async function keptModels(instance: Instance): Promise<readonly Model[] | undefined> {
  const { environment } = instance;
  try {
    const { keptModels } = await loaded("Models", import("../discovery.ts"));
    return await keptModels(environment, (credential) => hostsOf(instance, credential).api);
  } catch (error) {
    environment.log("warn", `The account's models are not offered: ${messageOf(error)}`);
    return undefined;
  }
}

function load(instance: Instance, getAuth: () => Promise<unknown>, provider: unknown): void {
  if (isObject(provider) && isObject(provider.models)) instance.models = provider.models;
  instance.source = createSource(instance, getAuth);
}

function createSource(instance: Instance, getAuth: () => Promise<unknown>): TokenManager {
  const { environment, client, memory, options } = instance;
  let made: LoginStore | undefined;
  const store = async () => {
    if (made !== undefined) return made;
    const part = import("./credential_store.ts");
    const { createOpencodeStore } = await loaded("The store of the login", part);
    return made ??= createOpencodeStore(environment, client, getAuth);
  };
  const hosts = (credential: Credential) => hostsOf(instance, credential);
  const known = memory === undefined ? {} : { memory };
  return createTokenManager(environment, store, { hosts, client: options.client, ...known });
}

function createChat(instance: Instance, onAnswer: () => void): Chat {
  const { environment, options } = instance;
  const settings = readEnvSettings(environment.variables);
  for (const problem of settings.problems) environment.log("warn", problem);
  // Without a loader there is no login, or auth.json cannot be read: the store says which.
  const source = () => instance.source ??= createSource(instance, () => Promise.resolve(undefined));
  return chat(environment, {
    stored: async () => await source().stored(),
    current: async (signal) => await source().current(signal),
    renew: async (rejected, signal) => await source().renew(rejected, signal),
    settled: async () => await source().settled(),
  }, {
    client: options.client,
    settings,
    onAnswer,
    words: async () => (await loaded("Words", import("../error_words.ts"))).OPENCODE_WORDS,
    model: (id) => chatModel(instance.models, id, [instance.live, instance.kept]),
    models: () =>
      (instance.live ?? instance.kept ?? [])
        .flatMap(({ id, protocol }) => protocol === undefined ? id : []),
    base: (credential) => ({
      from: hostsOf(instance).api,
      to: hostsOf(instance, credential).api,
    }),
  });
}

/** The models are asked for at the start, or else after the first answer. */
function modelQuestionOf(instance: Instance): () => Promise<void> {
  return behindAnswers(instance, async () => {
    const { modelQuestion } = await loaded("Models", import("../discovery.ts"));
    return modelQuestion({
      ...sourceOf(instance),
      configured: () => ({ offered: objectOf(instance.models), users: objectOf(instance.users) }),
      onModels: (models) => void (instance.live = models),
    });
  });
}

function quotaWatchOf(instance: Instance): () => Promise<void> {
  return behindAnswers(instance, async () => {
    const { createQuotaNotice } = await loaded("Quotas", import("../quota_notice.ts"));
    const { client, memory = PROCESS } = instance;
    return createQuotaNotice({ ...sourceOf(instance), opencode: client, memory });
  });
}

function sourceOf(instance: Instance) {
  const { environment, options } = instance;
  return {
    environment,
    options,
    stored: async () => await instance.source?.stored(),
    api: (credential: Credential) => hostsOf(instance, credential).api,
  };
}

/** What is made once its part is loaded, and then called each time. */
function behindAnswers(
  { environment }: Instance,
  make: () => Promise<() => Promise<void>>,
): () => Promise<void> {
  let made: Promise<() => Promise<void>> | undefined;
  return async () => {
    try {
      const ask = await (made ??= make());
      await ask();
    } catch (error) {
      made = undefined;
      environment.log("debug", messageOf(error));
    }
  };
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
