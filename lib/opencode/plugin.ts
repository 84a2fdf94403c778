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
import { type RefreshMemory, type TokenSource, tokenSource } from "../auth/token_source.ts";
import { KimiError } from "../protocol/error.ts";
import { LOGIN_COMMAND } from "../protocol/failure.ts";
import { areDefaultHosts, type Hosts, resolveHosts } from "../protocol/hosts.ts";
import { isObject, text } from "../protocol/reader.ts";
import { readSwitches } from "../protocol/switches.ts";
import { setChatParams } from "./chat_params.ts";
import { opencodeStore } from "./credential_store.ts";
import { type PluginOptions, readOptions } from "./options.ts";
import { chatModel, PROVIDER_ID, providerEntry } from "./provider_entry.ts";
import type { AuthorizeResult, Hooks, OpencodeClient } from "./types.ts";

/** Label of the login method. */
export const LOGIN_METHOD = "Kimi account (kimi.com)";

/** How often the account's models are asked for while the answer is an error. */
const MAX_MODEL_TRIES = 2;

/**
 * Makes the hooks of one opencode instance. None of them throws; a login alone fails with an error,
 * which opencode shows.
 *
 * @param environment Clock, network, device and log.
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
  const switches = readSwitches(environment.variables);
  for (const problem of [...problems, ...switches.problems]) environment.log("warn", problem);

  let baseUrl: string | undefined;
  let models: unknown;
  let source: TokenSource | undefined;
  const discovered = new Map<string, number>();
  const hosts = (credential?: Credential) =>
    resolveHosts(environment.variables, baseUrl, credential?.hosts);
  const loggedIn = (): TokenSource => {
    if (source !== undefined) return source;
    throw new KimiError("not_logged_in", `Not logged in to Kimi: run "${LOGIN_COMMAND}"`);
  };
  const askModels = modelQuestion(environment, options, discovered, hosts);
  const talk: Chat = chat(environment, {
    stored: () => loggedIn().stored(),
    current: () => loggedIn().current(),
    renew: (rejected) => loggedIn().renew(rejected),
  }, {
    client: options.client,
    switches,
    model: (id) => chatModel(models, id, discovered.get(id)),
    base: (credential) => ({ from: hosts().api, to: hosts(credential).api }),
    onAnswer: () => void askModels(source),
  });

  return {
    config(config) {
      const providers = isObject(config.provider) ? config.provider : {};
      const users = providers[PROVIDER_ID];
      baseUrl = isObject(users) && isObject(users.options)
        ? text(users.options.baseURL)
        : undefined;
      const entry = providerEntry(users, hosts().api, talk);
      models = entry.models;
      config.provider = { ...providers, [PROVIDER_ID]: entry };
      return Promise.resolve();
    },
    auth: {
      provider: PROVIDER_ID,
      methods: [{
        type: "oauth",
        label: LOGIN_METHOD,
        authorize: () => authorize(environment, options, hosts()),
      }],
      loader(getAuth, provider) {
        if (isObject(provider) && isObject(provider.models)) models = provider.models;
        source = tokenSource(environment, opencodeStore(client, getAuth), {
          hosts,
          client: options.client,
        }, memory);
        void askModels(source);
        return Promise.resolve({ ...talk });
      },
    },
    "chat.params"(input, output) {
      setChatParams(input, output);
      return Promise.resolve();
    },
  };
}

/** Asks once, with a token that is valid already: at the start, or else after the first answer. */
function modelQuestion(
  environment: Environment,
  { client }: PluginOptions,
  discovered: Map<string, number>,
  hosts: (credential: Credential) => Hosts,
): (source: TokenSource | undefined) => Promise<void> {
  let tries = 0;
  return async (source) => {
    if (tries >= MAX_MODEL_TRIES) return;
    try {
      const credential = await source?.stored();
      if (credential === undefined) return;
      if (remainingSeconds(credential, environment.now()) <= 0) return;
      if (++tries > MAX_MODEL_TRIES) return;
      const list = await listModels(environment, credential, {
        client,
        api: hosts(credential).api,
      });
      tries = MAX_MODEL_TRIES;
      for (const { id, contextLength } of list) {
        if (contextLength > 0) discovered.set(id, contextLength);
      }
    } catch (error) {
      environment.log("debug", error instanceof Error ? error.message : String(error));
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
