/**
 * The real environment, on `node:` builtins, for Bun, Node and Deno alike.
 *
 * @module
 */

import process from "node:process";
import type { Environment } from "../auth/environment.ts";
import type { Device } from "../protocol/fingerprint.ts";
import { readDeviceFacts } from "./device.ts";
import { readDeviceId, shareDirectory } from "./device_id.ts";
import { opencodeDataDirectory, sharedAuthFile } from "./shared_file.ts";
import { sleep } from "./sleep.ts";

/**
 * Makes the real environment.
 *
 * @param log Where log lines go.
 * @returns Clock, network, device and log of this process.
 */
export function realEnvironment(log: Environment["log"]): Environment {
  let device: Promise<Device> | undefined;
  return {
    variables: process.env,
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    sleep,
    device: () =>
      device ??= readDevice(log).catch((error: unknown) => {
        device = undefined;
        throw error;
      }),
    authFile: async () => {
      const { homedir } = await import("node:os");
      return await sharedAuthFile(opencodeDataDirectory(process.env, homedir()));
    },
    log,
  };
}

async function readDevice(log: Environment["log"]): Promise<Device> {
  const { homedir } = await import("node:os");
  const [facts, { id, problem }] = await Promise.all([
    readDeviceFacts(),
    readDeviceId(shareDirectory(process.env, homedir())),
  ]);
  if (problem !== undefined) log("warn", problem);
  return { ...facts, id };
}
