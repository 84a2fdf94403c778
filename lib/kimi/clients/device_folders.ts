/** Where each client keeps its device id. */

import type { ClientName } from "../identity/constants.ts";

/** A client's folder, and the form of the ids that it makes. */
export interface DeviceFolder {
  /** The environment variable that names the folder. */
  readonly variable: string;
  /** The folder's name in the home folder, if the variable is not set. */
  readonly name: string;
  /** Whether an id is a UUID with its dashes. */
  readonly hasDashes: boolean;
}

/** Source: kimi-cli 1.51.0 `share.py`. */
const KIMI_CLI: DeviceFolder = { variable: "KIMI_SHARE_DIR", name: ".kimi", hasDashes: false };

export const DEVICE_FOLDERS: Readonly<Record<ClientName, DeviceFolder>> = {
  "kimi-cli": KIMI_CLI,
  "kimi-code": { variable: "KIMI_CODE_HOME", name: ".kimi-code", hasDashes: true },
  opencode: KIMI_CLI,
};

/** Writes a UUID as the client writes a new device id. */
export function toDeviceId(client: ClientName, uuid: string): string {
  return DEVICE_FOLDERS[client].hasDashes ? uuid : uuid.replaceAll("-", "");
}
