/** The real environment, on `node:` builtins, for Bun, Node and Deno alike. */

import type { Environment } from "../client/environment.ts";
import { lazy } from "../client/net/lazy_import.ts";
import type { ClientName } from "../kimi/identity/constants.ts";
import type { Device } from "../kimi/identity/fingerprint.ts";
import { ownProcess } from "./globals.ts";
import { alarm, localTime, sleep } from "./clock.ts";

const system = lazy("Files and device", () => import("./system.ts"));

/**
 * Makes the real environment of Deno, Node or Bun. It reads the environment variables of kimi-cli and
 * `$KIMI_SHARE_DIR/device_id`, which it shares with kimi-cli, or `$KIMI_CODE_HOME/device_id` for
 * `kimi-code`. Without `log`, nothing is logged.
 *
 * @example
 * ```ts
 * import { systemEnvironment } from "@kimi/full/runtime";
 * import { assert } from "@std/assert";
 *
 * const environment = systemEnvironment((level, message) => console.error(level, message));
 * assert(environment.now() > 0);
 * ```
 */
export function systemEnvironment(log: Environment["log"] = () => {}): Environment {
  const { env, versions } = ownProcess();
  const devices = new Map<ClientName, Promise<Device>>();
  return {
    variables: env,
    versions,
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    localTime,
    sleep,
    alarm,
    randomUUID: () => crypto.randomUUID(),
    device(client) {
      const read = async () => await (await system()).readDevice(client, log);
      const device = devices.get(client) ?? read().catch((error: unknown) => {
        devices.delete(client);
        throw error;
      });
      devices.set(client, device);
      return device;
    },
    authFile: async () => await (await system()).openAuthFile(),
    readFile: async (path, maxBytes) => await (await system()).readBytes(path, maxBytes),
    modelsFile: async () => (await system()).openModelsFile(),
    log,
  };
}
