/**
 * The device id that kimi-cli keeps, shared with it.
 *
 * @see kimi-cli 1.51.0 `auth/oauth.py`: `get_device_id`, `share.py`: `get_share_dir`
 * @module
 */

import { isPermissionDenied } from "../../client/net/permission_denied.ts";
import { messageOf } from "../../kimi/errors/kimi_error.ts";
import { pythonStrip } from "../../kimi/util/python.ts";
import type { Variables } from "../../kimi/chat/env_settings.ts";
import { codeOf, makeFolders } from "../fs/errors.ts";

/** A device id, and a line for the log where it could not be kept. */
export interface DeviceId {
  /** What the header says. */
  readonly id: string;
  /** Why it is good for this process only. */
  readonly problem?: string;
}

/**
 * The folder that kimi-cli shares between its processes.
 *
 * @param variables The environment.
 * @param home The user's home folder.
 * @returns `KIMI_SHARE_DIR`, or `~/.kimi`.
 */
export function shareDirectory(variables: Variables, home: string): string {
  return variables.KIMI_SHARE_DIR || `${home}/.kimi`;
}

/**
 * Reads the device id, or makes one: 32 hexadecimal digits without a newline, 0600, in a folder of
 * 0700. An existing file is never rewritten, whatever it holds.
 *
 * @param directory The shared folder.
 * @returns The id. Where none can be read or kept, one for this process, and why.
 * @throws {Error} Where Deno denied the access.
 */
export async function readDeviceId(directory: string): Promise<DeviceId> {
  const path = `${directory}/device_id`;
  try {
    return { id: await readOrCreate(directory, path) };
  } catch (error) {
    if (isPermissionDenied(error)) throw error;
    return {
      id: newId(),
      problem:
        `The device id ${path} cannot be used (${
          messageOf(error)
        }): make it readable, or remove it; ` +
        "until then each start sends another id",
    };
  }
}

async function readOrCreate(directory: string, path: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  const read = async () => pythonStrip(await readFile(path, "utf8"));
  try {
    return await read();
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  await makeFolders(directory);
  const id = newId();
  return await create(path, id) ? id : await read();
}

/** Whole from the first moment, and only if there is none: a link, unlike a rename, replaces nothing. */
async function create(path: string, id: string): Promise<boolean> {
  const { link, rm, writeFile } = await import("node:fs/promises");
  const temporary = `${path}.${id}`;
  try {
    await writeFile(temporary, id, { flag: "wx", mode: 0o600 });
    await link(temporary, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!NO_LINKS.has(codeOf(error))) throw error;
    await writeFile(path, id, { flag: "wx", mode: 0o600 });
    return true;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** What file systems without hard links answer; on Windows libuv's word for "incorrect function". */
const NO_LINKS: ReadonlySet<string> = new Set([
  "EISDIR",
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EINVAL",
]);

function newId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
