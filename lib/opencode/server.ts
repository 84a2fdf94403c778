/**
 * The opencode plugin: `export default { id, server }`.
 *
 * @module
 */

import type { LogLevel } from "../client/environment.ts";
import { PACKAGE_NAME } from "../kimi/identity/constants.ts";
import { systemEnvironment } from "../runtime/environment.ts";
import { createHooks, type ProcessState } from "./v1/hooks.ts";
import type { Hooks, PluginInput } from "./v1/types.ts";

export type * from "./v1/types.ts";
export type { Notice } from "./quota_notice.ts";
export type { AuthEntry } from "../client/tokens/credential.ts";

/** opencode imports a module once and calls `server` for each of its instances. */
const state: ProcessState = { notices: { told: new Map() } };

function logTo({ client }: PluginInput): (level: LogLevel, message: string) => void {
  return (level, message) => {
    try {
      client.app?.log?.({ body: { service: PACKAGE_NAME, level, message } })?.catch(() => {});
    } catch {
      // A line of the log is not worth a failure.
    }
  };
}

/** What opencode 1.x loads; `server` is called once for each of its instances. */
export type PluginModule = {
  readonly id: string;
  readonly server: (input: PluginInput, options?: unknown) => Promise<Hooks>;
};

/** The plugin for opencode: login, provider and chat of the Kimi For Coding plan. */
const plugin: PluginModule = {
  id: PACKAGE_NAME,
  server: (input, options) => {
    const environment = systemEnvironment(logTo(input));
    return Promise.resolve(createHooks(environment, input.client, options, state));
  },
};

export default plugin;
