/** Session hooks of one location (plugin types session.ts 03545fd3, model-request 0330149c). */

import type { Registration } from "./transforms.ts";
import { type Callback, isFunction, type Json, object } from "./types.ts";

/** Names of the hooks; another one is a mistake of the plugin. */
const NAMES = [
  ...["prompt", "context", "compaction", "generate", "title", "model.request", "http.request"],
  ...["http.response", "retry", "experimental.ws.handshake", "experimental.ws.send"],
  "experimental.ws.receive",
];

/** Registered hooks, in their order. */
export interface Hooks {
  readonly add: (
    plugin: string,
    name: unknown,
    callback: unknown,
    options?: unknown,
  ) => Promise<Registration>;
  /** Calls them one after another; each changes the event in place. A throw is the caller's. */
  readonly run: (name: string, event: Json) => Promise<void>;
  /** HTTP hooks exist only if a plugin has one for this provider. */
  readonly has: (name: string, providerID: string) => boolean;
  readonly drop: (plugin: string) => void;
  readonly count: () => number;
}

interface Entry {
  readonly plugin: string;
  readonly name: string;
  readonly callback: Callback;
  readonly providerID: unknown;
}

/** Makes an empty list. */
export function createHooks(): Hooks {
  let entries: readonly Entry[] = [];
  const of = (name: string, providerID: unknown) =>
    entries.filter((entry) =>
      entry.name === name && (entry.providerID === undefined || entry.providerID === providerID)
    );
  return {
    add(plugin, name, callback, options) {
      if (typeof name !== "string" || !NAMES.includes(name)) {
        throw new TypeError(`there is no hook ${String(name)}`);
      }
      if (!isFunction(callback)) throw new TypeError("a hook is a function");
      const entry = { plugin, name, callback, providerID: object(options).providerID };
      entries = [...entries, entry];
      const dispose = () => {
        entries = entries.filter((other) => other !== entry);
        return Promise.resolve();
      };
      return Promise.resolve({ dispose });
    },
    async run(name, event) {
      for (const { callback } of of(name, object(event.model).providerID)) await callback(event);
    },
    has: (name, providerID) => of(name, providerID).length > 0,
    drop: (plugin) => void (entries = entries.filter((entry) => entry.plugin !== plugin)),
    count: () => entries.length,
  };
}
