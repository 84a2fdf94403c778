/**
 * The plugin: opencode's hooks over the rooms that know Kimi.
 *
 * @module
 */

import { type Chat, chat } from "../auth/chat.ts";
import { authEntry, type Credential, credentialOf, remainingSeconds } from "../auth/credential.ts";
import { startDeviceLogin } from "../auth/device_login.ts";
import type { Environment } from "../auth/environment.ts";
import { listModels } from "../auth/model_list.ts";
import type { RefreshMemory } from "../auth/refresh_memory.ts";
import { type TokenSource, tokenSource } from "../auth/token_source.ts";
import { PROVIDER_ID } from "../protocol/clients.ts";
import { KimiError, messageOf } from "../protocol/error.ts";
import { NOT_LOGGED_IN } from "../protocol/failure.ts";
import { areDefaultHosts, type Hosts, resolveHosts } from "../protocol/hosts.ts";
import { isObject, text } from "../protocol/reader.ts";
import { readSwitches } from "../protocol/switches.ts";
import { setChatParams } from "./chat_params.ts";
import { opencodeStore } from "./credential_store.ts";
import { type PluginOptions, readOptions } from "./options.ts";
import { chatModel, providerEntry } from "./provider_entry.ts";
import type { AuthorizeResult, Config, Hooks, OpencodeClient } from "./types.ts";

/** Label of the login method. */
export const LOGIN_METHOD = "Kimi account (kimi.com)";

/** How often the account's models are asked for while the answer is an error. */
const MAX_MODEL_TRIES = 2;

/** What the hooks of one instance share. */
interface Instance {
  readonly environment: Environment;
  readonly client: OpencodeClient;
  readonly options: PluginOptions;
  readonly memory: RefreshMemory;
  /** Context lengths that the service gave, by model. */
  readonly discovered: Map<string, number>;
  /** `options.baseURL` as the user wrote it. */
  baseUrl?: string | undefined;
  /** The provider's models, as configured. */
  models?: unknown;
  /** Set by the loader, which opencode calls only if there is a login. */
  source?: TokenSource;
}

/**
 * Makes the hooks of one opencode instance. None of them throws; a login alone fails with an error,
 * which opencode shows.
 *
 * @param environment Clock, network, device, auth.json and log.
 * @param client opencode's client.
 * @param given The plugin's options as the user wrote them.
 * @param memory What the process remembers of its refreshes.
 * @returns The hooks.
 */
export function createHooks(
  environment: Environment,
  client: OpencodeClient,
  given: unknown,
  memory: RefreshMemory,
): Hooks {
  const { options, problems } = readOptions(given);
  for (const problem of problems) environment.log("warn", problem);
  const instance: Instance = { environment, client, options, memory, discovered: new Map() };
  const askModels = modelQuestion(instance);
  const talk = createChat(instance, askModels);
  const safely = (what: string, run: () => void): Promise<void> => {
    try {
      run();
    } catch (error) {
      environment.log("error", `${what}: ${messageOf(error)}`);
    }
    return Promise.resolve();
  };
  return {
    config: (config) => safely("The provider is missing", () => configure(instance, config, talk)),
    auth: {
      provider: PROVIDER_ID,
      methods: [{
        type: "oauth",
        label: LOGIN_METHOD,
        authorize: () => authorize(environment, options, hostsOf(instance)),
      }],
      async loader(getAuth, provider) {
        await safely("The login is not used", () => load(instance, getAuth, provider));
        void askModels();
        return { ...talk };
      },
    },
    "chat.params": (input, output) =>
      safely("The parameters are not set", () => setChatParams(input, output)),
  };
}

function hostsOf({ environment, baseUrl }: Instance, credential?: Credential): Hosts {
  return resolveHosts(environment.variables, baseUrl, credential?.hosts);
}

function configure(instance: Instance, config: Config, talk: Chat): void {
  const providers = isObject(config.provider) ? config.provider : {};
  const users = providers[PROVIDER_ID];
  const options = isObject(users) && isObject(users.options) ? users.options : {};
  instance.baseUrl = text(options.baseURL);
  const entry = providerEntry(users, hostsOf(instance).api, talk);
  instance.models = entry.models;
  config.provider = { ...providers, [PROVIDER_ID]: entry };
}

function load(instance: Instance, getAuth: () => Promise<unknown>, provider: unknown): void {
  const { environment, client, memory, options } = instance;
  if (isObject(provider) && isObject(provider.models)) instance.models = provider.models;
  const store = opencodeStore(environment, client, getAuth);
  const hosts = (credential: Credential) => hostsOf(instance, credential);
  instance.source = tokenSource(environment, store, { hosts, client: options.client }, memory);
}

function createChat(instance: Instance, onAnswer: () => void): Chat {
  const { environment, options, discovered } = instance;
  const switches = readSwitches(environment.variables);
  for (const problem of switches.problems) environment.log("warn", problem);
  const source = (): TokenSource => {
    if (instance.source !== undefined) return instance.source;
    throw new KimiError("not_logged_in", NOT_LOGGED_IN);
  };
  return chat(environment, {
    stored: async () => await source().stored(),
    current: async (signal) => await source().current(signal),
    renew: async (rejected, signal) => await source().renew(rejected, signal),
  }, {
    client: options.client,
    switches,
    onAnswer,
    model: (id) => chatModel(instance.models, id, discovered.get(id)),
    base: (credential) => ({
      from: hostsOf(instance).api,
      to: hostsOf(instance, credential).api,
    }),
  });
}

/** Asks once, with a token that is valid already: at the start, or else after the first answer. */
function modelQuestion(instance: Instance): () => Promise<void> {
  const { environment, options: { client }, discovered } = instance;
  let tries = 0;
  let isAsking = false;
  return async () => {
    if (isAsking || tries >= MAX_MODEL_TRIES) return;
    isAsking = true;
    try {
      const credential = await instance.source?.stored();
      if (credential === undefined) return;
      if (remainingSeconds(credential, environment.now()) <= 0) return;
      tries++;
      const { api } = hostsOf(instance, credential);
      const list = await listModels(environment, credential, { client, api });
      tries = MAX_MODEL_TRIES;
      for (const { id, contextLength } of list) {
        if (contextLength > 0) discovered.set(id, contextLength);
      }
    } catch (error) {
      environment.log("debug", messageOf(error));
    } finally {
      isAsking = false;
    }
  };
}

async function authorize(
  environment: Environment,
  { client, scope }: PluginOptions,
  hosts: Hosts,
): Promise<AuthorizeResult> {
  const login = await startDeviceLogin(environment, { host: hosts.oauth, client, scope });
  const { userCode, verificationUri } = login.authorization;
  const kept = areDefaultHosts(hosts) ? undefined : hosts;
  return {
    url: verificationUri,
    instructions: `Confirm the code ${userCode} in the browser. Kimi ties this login to its own ` +
      'clients and may suspend accounts; "client": "opencode" in the plugin options sends an ' +
      "honest identity (see the README)",
    method: "auto",
    async callback() {
      const { type: _, ...entry } = authEntry(
        credentialOf(await login.tokens(), environment.now(), kept),
      );
      return { type: "success", ...entry };
    },
  };
}
