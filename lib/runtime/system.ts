/** The parts of the environment that a start of the plugin does not need. */

import { homedir } from "node:os";
import type { CacheFile, SharedFile } from "../client/environment.ts";
import { opencodeDataDirectory, sharedAuthFile } from "./fs/atomic_file.ts";
import { modelsFile } from "./fs/cache_file.ts";
import { ownProcess } from "./process.ts";

export { readDevice } from "./device/device.ts";

/** opencode's auth.json; `undefined` if the folder for it does not exist. */
export async function openAuthFile(): Promise<SharedFile | undefined> {
  return await sharedAuthFile(opencodeDataDirectory(ownProcess().env, homedir()));
}

/** The file that caches the account's models. */
export function openModelsFile(): CacheFile {
  return modelsFile(ownProcess().env, homedir());
}
