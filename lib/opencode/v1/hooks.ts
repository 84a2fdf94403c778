/** The plugin for opencode 1.x: its hooks over the provider. */

import type { Environment } from "../../client/environment.ts";
import { lazy, loadAll } from "../../client/net/lazy_import.ts";
import type { LoginStore } from "../../client/tokens/login_store.ts";
import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { messageOf } from "../../kimi/errors/kimi_error.ts";
import { LOGIN_METHODS } from "../../kimi/identity/login_messages.ts";
import type { Region } from "../../kimi/identity/regions.ts";
import { readOptions } from "../../kimi/plugin_options.ts";
import { isObject, objectOf } from "../../kimi/util/json.ts";
import type { Notice } from "../quota_notice.ts";
import { createProvider, type Provider, type ProviderDeps } from "../provider.ts";
import { setChatParams } from "./chat_params.ts";
import { messageHooks } from "./messages/hooks.ts";
import { chatModel, providerEntry } from "./provider_entry.ts";
import type { webTools } from "./tools/tools.ts";
import type { AuthMethod, Config, Hooks, OpencodeClient } from "./types.ts";

/** What all instances of one process share. */
export interface ProcessState extends Pick<ProviderDeps, "memory" | "notices"> {
  /** Makes the tools, if they were asked for: opencode takes them as they are at the start. */
  readonly webTools?: typeof webTools | undefined;
}

const storePart = lazy("The store of the login", () => import("./credential_store.ts"));
const loginPart = lazy("Login", () => import("./login.ts"));

/** Creates the hooks of one instance. Only a login throws, and opencode shows its error. */
export function createHooks(
  environment: Environment,
  client: OpencodeClient,
  given: unknown,
  state: ProcessState,
): Hooks {
  const { options, problems } = readOptions(given);
  for (const problem of problems) environment.log("warn", problem);
  let getAuth: () => Promise<unknown> = () => Promise.resolve(undefined);
  let made: LoginStore | undefined;
  let isReady = false;
  const store = async () => {
    const { createOpencodeStore } = await storePart();
    return made ??= createOpencodeStore(environment, client, () => getAuth());
  };
  const notify = (body: Notice) => client.tui?.showToast?.({ body });
  const provider = createProvider({
    environment,
    options,
    store,
    ...state,
    notify,
    configured: chatModel,
  });

  const safely = async (problem: string, work: () => void | Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      environment.log("error", `${problem}: ${messageOf(error)}`);
    }
  };
  const loginMethod = (region: Region): AuthMethod => ({
    type: "oauth",
    label: LOGIN_METHODS[region],
    async authorize() {
      const { authorize } = await loginPart();
      return await authorize(environment, options, region, provider.baseUrl());
    },
  });

  return {
    ...(options.tools && state.webTools ? { tool: state.webTools(provider.access) } : {}),
    config: (config) =>
      safely("The provider is missing", () => configure(provider, config, options.discover)),
    auth: {
      provider: PROVIDER_ID,
      methods: [loginMethod("com"), loginMethod("ai")],
      // opencode calls it only if it has a login.
      loader(given, info) {
        getAuth = given;
        const { models } = objectOf(info);
        if (isObject(models)) provider.offer(models);
        void loadAll("The plugin is not complete")
          .catch((error: unknown) => environment.log("warn", messageOf(error)))
          .then(provider.askModels);
        const { fetch, transformRequestBody } = provider.chat;
        return Promise.resolve({ fetch, transformRequestBody });
      },
    },
    "chat.params": (input, output) =>
      safely("The parameters are not set", async () => {
        if (!setChatParams(input, output, provider.account()) || isReady) return;
        await Promise.all([provider.chat.ready(), provider.kept()]);
        isReady = true;
      }),
    ...messageHooks({ environment, provider, notify, safely }),
  };
}

async function configure(
  provider: Provider,
  config: Config,
  discover: boolean,
): Promise<void> {
  const providers = objectOf(config.provider);
  const users = objectOf(providers[PROVIDER_ID]);
  await provider.configure(users);
  const { chat, hosts, account } = provider;
  const given = { baseURL: hosts().api, chat, account: account(), discover };
  const entry = providerEntry(config, given);
  provider.offer(objectOf(entry.models));
  config.provider = { ...providers, [PROVIDER_ID]: entry };
}
