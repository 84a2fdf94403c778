/**
 * The opencode plugin: `export default { id, server, setup }`. opencode 1.x calls `server`, 2.x `setup`.
 *
 * @module
 */

import type { Environment, LogLevel } from "../client/environment.ts";
import { importOr, lazy } from "../client/net/lazy_import.ts";
import { messageOf } from "../kimi/errors/kimi_error.ts";
import { PACKAGE_NAME } from "../kimi/identity/constants.ts";
import { objectOf } from "../kimi/util/json.ts";
import { systemEnvironment } from "../runtime/environment.ts";
import { createHooks, type ProcessState } from "./v1/hooks.ts";
import type { Hooks, PluginInput } from "./v1/types.ts";
import { isV2Host } from "./v2/host.ts";

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

const toolsPart = lazy("Tools", () => import("./v1/tools/tools.ts"));

async function toolsIfAsked(options: unknown, { log }: Pick<Environment, "log">) {
  if (objectOf(options).tools !== true) return {};
  try {
    return await toolsPart();
  } catch (error) {
    log("error", messageOf(error));
    return {};
  }
}

/** Not registered by `lazy()`, so that 1.x never loads it. */
const v2Half = () => importOr("opencode 2.x", import("./v2/setup.ts"));

/** What opencode loads. */
export type PluginModule = {
  readonly id: string;
  /** Called by opencode 1.x, once for each of its instances. */
  readonly server: (input: PluginInput, options?: unknown) => Promise<Hooks>;
  /**
   * Called by opencode 2.x, once for each folder; what it resolves to is called at the end. opencode
   * 1.17.10 to 1.19 call it too, and then it does nothing.
   */
  readonly setup: (context: unknown) => Promise<(() => void) | undefined>;
};

/** The plugin for opencode: login, provider and chat of the Kimi For Coding plan. */
const plugin: PluginModule = {
  id: PACKAGE_NAME,
  async server(input, options) {
    const environment = systemEnvironment(logTo(input));
    const loaded = await toolsIfAsked(options, environment);
    return createHooks(environment, input.client, options, { ...state, ...loaded });
  },
  async setup(context) {
    if (!isV2Host(context)) return undefined;
    const { setUp } = await v2Half();
    return await setUp(context);
  },
};

export default plugin;
