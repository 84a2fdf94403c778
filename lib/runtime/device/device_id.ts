/**
 * The device id, shared with the client whose identity is sent. Sources: kimi-cli 1.51.0
 * `auth/oauth.py`, `share.py`; kimi-code 2.1.0 `packages/oauth/src/identity.ts`.
 */

import { isPermissionDenied } from "../../client/net/permission_denied.ts";
import { DEVICE_FOLDERS, toDeviceId } from "../../kimi/clients/device_folders.ts";
import { messageOf } from "../../kimi/errors/kimi_error.ts";
import { type ClientName, DEFAULT_CLIENT } from "../../kimi/identity/constants.ts";
import { pythonStrip } from "../../kimi/util/python.ts";
import type { Variables } from "../../kimi/chat/env_settings.ts";
import { codeOf, makeFolders, read } from "../fs/errors.ts";

/** A device id. */
export interface DeviceId {
  readonly id: string;
  /** Why the id is used by this process only, if it could not be read or stored. */
  readonly problem?: string;
}

/** The client's folder for what its processes share, such as `KIMI_SHARE_DIR`, or `~/.kimi`. */
export function shareDirectory(
  variables: Variables,
  home: string,
  client: ClientName = DEFAULT_CLIENT,
): string {
  const { variable, name } = DEVICE_FOLDERS[client];
  return variables[variable] || `${home}/${name}`;
}

/** Reads the device id, or creates the file; never rewrites it. Throws only if Deno denies access. */
export async function readDeviceId(
  directory: string,
  client: ClientName = DEFAULT_CLIENT,
): Promise<DeviceId> {
  const path = `${directory}/device_id`;
  const made = toDeviceId(client, crypto.randomUUID());
  try {
    return { id: await readOrCreate(directory, path, made) };
  } catch (error) {
    if (isPermissionDenied(error)) throw error;
    const advice = "make it readable, or remove it; until then each start sends a different id";
    const problem = `The device id ${path} cannot be used (${messageOf(error)}): ${advice}`;
    return { id: made, problem };
  }
}

async function readOrCreate(directory: string, path: string, id: string): Promise<string> {
  const existing = await read(path);
  if (existing !== undefined) return pythonStrip(existing);
  await makeFolders(directory);
  if (await create(path, id)) return id;
  const { readFile } = await import("node:fs/promises");
  return pythonStrip(await readFile(path, "utf8"));
}

/** Creates the complete file in one step: a hard link, unlike a rename, replaces no existing file. */
async function create(path: string, id: string): Promise<boolean> {
  const { link, rm, writeFile } = await import("node:fs/promises");
  const temporary = `${path}.${id}`;
  try {
    await writeFile(temporary, id, { flag: "wx", mode: 0o600 });
    await link(temporary, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!NO_LINKS.includes(codeOf(error))) throw error;
    await writeFile(path, id, { flag: "wx", mode: 0o600 });
    return true;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Error codes of file systems without hard links; `EISDIR` is libuv's code on Windows. */
const NO_LINKS: readonly string[] = [
  "EISDIR",
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EINVAL",
];
