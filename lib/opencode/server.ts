/**
 * The entry that opencode loads: `export default { id, server }`.
 *
 * @module
 */

import type { LogLevel } from "../client/environment.ts";
import { PACKAGE_NAME } from "../kimi/identity/constants.ts";
import { systemEnvironment } from "../runtime/environment.ts";
import { createHooks } from "./v1/hooks.ts";
import type { Hooks, PluginInput } from "./v1/types.ts";

export type {
  AuthMethod,
  AuthorizeResult,
  ChatParamsInput,
  ChatParamsOutput,
  Config,
  Hooks,
  OpencodeClient,
  PluginInput,
  Toast,
} from "./v1/types.ts";
export type { AuthEntry } from "../client/tokens/credential.ts";

function logTo({ client }: PluginInput): (level: LogLevel, message: string) => void {
  return (level, message) => {
    try {
      client.app?.log?.({ body: { service: PACKAGE_NAME, level, message } })?.catch(() => {});
    } catch {
      // A log line is not worth a failure.
    }
  };
}

/** What opencode 1.x loads. */
export interface PluginModule {
  /** Name of the plugin. */
  readonly id: string;
  /**
   * Called once for each instance of opencode.
   *
   * @param input What opencode hands over.
   * @param options The plugin's options in opencode.json.
   * @returns The hooks.
   */
  readonly server: (input: PluginInput, options?: unknown) => Promise<Hooks>;
}

/**
 * The plugin.
 *
 * @example
 * ```ts
 * import plugin from "@kimi/full/server";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(plugin.id, "opencode-kimi-full");
 * ```
 */
const plugin: PluginModule = {
  id: PACKAGE_NAME,
  server: (input, options) => {
    return Promise.resolve(createHooks(systemEnvironment(logTo(input)), input.client, options));
  },
};

export default plugin;
