/**
 * The real environment, on `node:` builtins, for Bun, Node and Deno alike.
 *
 * @module
 */

import type { Environment } from "../client/environment.ts";
import { loaded } from "../client/net/lazy_import.ts";
import type { Device } from "../kimi/identity/fingerprint.ts";
import { localTime } from "./local_time.ts";
import { ownProcess } from "./process.ts";
import { alarm, sleep } from "./timers.ts";

/**
 * Makes the real environment.
 *
 * @param log Where log lines go.
 * @returns Clock, network, device and log of this process.
 */
export function systemEnvironment(log: Environment["log"]): Environment {
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
    device: () =>
      device ??= ownDevice(log).catch((error: unknown) => {
        device = undefined;
        throw error;
      }),
    authFile: async () => {
      const { homedir } = await import("node:os");
      const part = import("./fs/atomic_file.ts");
      const { opencodeDataDirectory, sharedAuthFile } = await loaded("The login's file", part);
      return await sharedAuthFile(opencodeDataDirectory(env, homedir()));
    },
    modelsFile: async () => {
      const { homedir } = await import("node:os");
      const { modelsFile } = await loaded("The models' file", import("./fs/cache_file.ts"));
      return modelsFile(env, homedir());
    },
    log,
  };
}

async function ownDevice(log: Environment["log"]): Promise<Device> {
  const { readDevice } = await loaded("The device", import("./device/device.ts"));
  return await readDevice(log);
}
