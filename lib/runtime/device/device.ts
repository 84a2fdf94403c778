/** The device that the identity headers describe: this machine. */

import { homedir } from "node:os";
import type { Environment } from "../../client/environment.ts";
import type { Device } from "../../kimi/identity/fingerprint.ts";
import { readDeviceFacts } from "./facts.ts";
import { readDeviceId, shareDirectory } from "./device_id.ts";
import { ownProcess } from "../process.ts";

/** Reads the facts and the id of this machine; logs a warning if the id cannot be stored. */
export async function readDevice(log: Environment["log"]): Promise<Device> {
  const facts = await readDeviceFacts();
  const { id, problem } = await readDeviceId(shareDirectory(ownProcess().env, homedir()));
  if (problem !== undefined) log("warn", problem);
  return { ...facts, id };
}
