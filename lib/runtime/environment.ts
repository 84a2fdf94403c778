/** The real environment, on `node:` builtins, for Bun, Node and Deno alike. */

import type { Environment } from "../client/environment.ts";
import { lazy } from "../client/net/lazy_import.ts";
import type { Device } from "../kimi/identity/fingerprint.ts";
import { ownProcess } from "./globals.ts";
import { alarm, localTime, sleep } from "./clock.ts";

const system = lazy("Files and device", () => import("./system.ts"));

/**
 * Makes the real environment of Deno, Node or Bun. It reads the environment variables of kimi-cli and
 * `$KIMI_SHARE_DIR/device_id`, which it shares with kimi-cli. Without `log`, nothing is logged.
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
  let device: Promise<Device> | undefined;
  return {
    variables: env,
    versions,
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    localTime,
    sleep,
    alarm,
    randomUUID: () => crypto.randomUUID(),
    device: () =>
      device ??= system().then(({ readDevice }) => readDevice(log)).catch((error: unknown) => {
        device = undefined;
        throw error;
      }),
    authFile: async () => await (await system()).openAuthFile(),
    modelsFile: async () => (await system()).openModelsFile(),
    log,
  };
}
