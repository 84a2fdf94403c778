/** Login, models and chat, which the folders of a service share if they have the same options. */

import type { Environment } from "../../client/environment.ts";
import type { RefreshMemory } from "../../client/tokens/login_store.ts";
import type { PluginOptions } from "../../kimi/plugin_options.ts";
import { createProvider, type Provider } from "../provider.ts";
import { createHandover, type Handover, type Ready } from "./chat/handover.ts";
import { createLogins, type Logins } from "./login/logins.ts";
import { builtInModels, configuredModel } from "./models.ts";
import { V2_WORDS } from "./words.ts";

/** What folders with the same options share. */
export interface Core {
  readonly environment: Environment;
  readonly options: PluginOptions;
  readonly logins: Logins;
  readonly handover: Handover;
  /** How each request goes on; a folder may be set up anew while its answer is awaited. */
  readonly sent: WeakMap<Request, Ready["answer"]>;
  readonly provider: Provider;
  /** Called when the models may have changed. */
  readonly listeners: Set<() => void>;
  /** Runs the work for a change of the account once, although each folder hears of the change. */
  readonly oneAtATime: (work: () => Promise<void>) => Promise<void>;
  /** Resolves once the cached models and the settings are read; reads them once. */
  readonly ready: () => Promise<void>;
}

/** Creates it for one set of options. */
export function createCore(
  environment: Environment,
  options: PluginOptions,
  memory?: RefreshMemory,
): Core {
  const logins = createLogins(environment);
  const handover = createHandover(environment.fetch);
  const listeners = new Set<() => void>();
  const provider = createProvider({
    environment: { ...environment, fetch: handover.fetch },
    options,
    store: logins.store,
    ...(memory === undefined ? {} : { memory }),
    // The server's part cannot show anything: the terminal's part does that.
    notices: { askAfter: Infinity, told: new Map() },
    notify: () => undefined,
    configured: configuredModel,
    words: () => Promise.resolve(V2_WORDS),
    onModels() {
      for (const listener of listeners) listener();
    },
  });
  provider.offer(builtInModels());
  let reading: Promise<void> | undefined;
  const ready = () => reading ??= provider.configure({});
  let changing: Promise<void> | undefined;
  const oneAtATime = (work: () => Promise<void>) =>
    changing ??= work().finally(() => void (changing = undefined));
  const sent: Core["sent"] = new WeakMap();
  return { environment, options, logins, handover, sent, provider, listeners, ready, oneAtATime };
}
