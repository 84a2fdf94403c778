/** The parts of the environment that a start of the plugin does not need. */

import { homedir } from "node:os";
import type { CacheFile, Environment, SharedFile } from "../client/environment.ts";
import type { ClientName } from "../kimi/identity/constants.ts";
import type { Device } from "../kimi/identity/fingerprint.ts";
import { readDeviceId, shareDirectory } from "./device/device_id.ts";
import { readDeviceFacts } from "./device/facts.ts";
import { sharedAuthFile } from "./fs/atomic_file.ts";
import { modelsFile } from "./fs/cache_file.ts";
import { opencodeDataDirectory } from "./fs/xdg.ts";
import { ownProcess } from "./globals.ts";

export { readBytes } from "./fs/read_bytes.ts";

/** Reads the facts of this machine and a client's id for it; logs a warning if the id cannot be stored. */
export async function readDevice(client: ClientName, log: Environment["log"]): Promise<Device> {
  const facts = await readDeviceFacts();
  const share = shareDirectory(ownProcess().env, homedir(), client);
  const { id, problem } = await readDeviceId(share, client);
  if (problem !== undefined) log("warn", problem);
  return { ...facts, id };
}

/** opencode's auth.json; `undefined` if the folder for it does not exist. */
export async function openAuthFile(): Promise<SharedFile | undefined> {
  return await sharedAuthFile(opencodeDataDirectory(ownProcess().env, homedir()));
}

/** The file that caches the account's models. */
export function openModelsFile(): CacheFile {
  return modelsFile(ownProcess().env, homedir());
}
