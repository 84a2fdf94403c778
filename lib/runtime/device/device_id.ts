/** The device id, shared with kimi-cli. Source: kimi-cli 1.51.0 `auth/oauth.py`, `share.py`. */

import { isPermissionDenied } from "../../client/net/permission_denied.ts";
import { messageOf } from "../../kimi/errors/kimi_error.ts";
import { pythonStrip } from "../../kimi/util/python.ts";
import type { Variables } from "../../kimi/chat/env_settings.ts";
import { codeOf, makeFolders, read } from "../fs/errors.ts";

/** A device id. */
export interface DeviceId {
  readonly id: string;
  /** Why the id is used by this process only, if it could not be read or stored. */
  readonly problem?: string;
}

/** kimi-cli's folder for what its processes share: `KIMI_SHARE_DIR`, or `~/.kimi`. */
export function shareDirectory(variables: Variables, home: string): string {
  return variables.KIMI_SHARE_DIR || `${home}/.kimi`;
}

/** Reads the device id, or creates the file; never rewrites it. Throws only if Deno denies access. */
export async function readDeviceId(directory: string): Promise<DeviceId> {
  const path = `${directory}/device_id`;
  try {
    return { id: await readOrCreate(directory, path) };
  } catch (error) {
    if (isPermissionDenied(error)) throw error;
    const advice = "make it readable, or remove it; until then each start sends a different id";
    const problem = `The device id ${path} cannot be used (${messageOf(error)}): ${advice}`;
    return { id: newId(), problem };
  }
}

async function readOrCreate(directory: string, path: string): Promise<string> {
  const existing = await read(path);
  if (existing !== undefined) return pythonStrip(existing);
  await makeFolders(directory);
  const id = newId();
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

function newId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
