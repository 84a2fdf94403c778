/** Locates auth.json and requests access to it. */

import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import type { SharedFile } from "../../client/environment.ts";
import { fileProblem } from "../../kimi/errors/file_problem.ts";
import type { Variables } from "../../kimi/chat/env_settings.ts";
import { DEVICE_FOLDERS } from "../../kimi/clients/device_folders.ts";
import type { ClientName } from "../../kimi/identity/constants.ts";
import type { Region } from "../../kimi/identity/regions.ts";
import { shareDirectory } from "../../runtime/device/device_id.ts";
import { makeFolder } from "../../runtime/fs/make_folder.ts";
import { unlessDenied } from "../../runtime/fs/errors.ts";
import { sharedFile } from "../../runtime/fs/atomic_file.ts";
import { targetOf } from "../../runtime/fs/link_target.ts";
import { opencodeAuthPath } from "../../runtime/fs/xdg.ts";
import { type Option, type OptionValues, UsageError } from "./command.ts";
import { requestFolder } from "./deno_permissions.ts";
import type { Terminal } from "./terminal.ts";

/** A file and its folder, which may both be missing. */
export interface AuthLocation {
  readonly file: SharedFile;
  /** Whether opencode reads it. */
  readonly isOpencodes: boolean;
  /** Creates the folder if it is missing; the returned function removes it again if it is empty. */
  readonly prepare: () => Promise<() => Promise<void>>;
}

/** The option that names a login file in place of opencode's. */
export const AUTH_FILE_OPTION: Option = {
  name: "auth-file",
  value: "PATH",
  help: "use the login in this file, not opencode's",
};

const NO_FILE = "--auth-file must name a file";

/** Whose folders are requested, and where the user is asked. */
interface FolderRequest {
  readonly client: ClientName;
  readonly variables: Variables;
  readonly terminal: Terminal;
}

/** Locates the file that the user named, whose folder is not created, or opencode's auth.json. */
export async function locateAuthFile(
  named: string | undefined,
  request: FolderRequest,
): Promise<AuthLocation> {
  const { variables } = request;
  const path = named ?? opencodeAuthPath(variables);
  await requestLoginFolders(path, "store the login", request);
  const { stat } = await import("node:fs/promises");
  if (named !== undefined && (await stat(named).catch(unlessDenied))?.isDirectory()) {
    throw new UsageError(`${NO_FILE}, but ${named} is a folder`);
  }
  const file = sharedFile(path);
  const isOpencodes = resolve(path) === resolve(opencodeAuthPath(variables));
  const prepare = () =>
    makeFolder(dirname(path)).catch((cause: unknown) => {
      throw fileProblem(file.path, "written", cause);
    });
  const none = () => Promise.resolve(async () => {});
  return { file, isOpencodes, prepare: named === undefined ? prepare : none };
}

/** The command that stores a login in a file of the user's. */
export function fileLoginCommand(path: string, region: Region = "com"): string {
  const at = region === "com" ? "" : `--region ${region} `;
  return `opencode-kimi-full login --force ${at}--auth-file ${path}`;
}

/** The file that `--auth-file` names; undefined without the option. */
export function namedAuthFile({ "auth-file": path }: OptionValues): string | undefined {
  if (path === "") throw new UsageError(NO_FILE);
  return typeof path === "string" ? path : undefined;
}

/** Requests the folders of auth.json, of its target if it is a link, and of the client's device id. */
export async function requestLoginFolders(
  path: string,
  why: string,
  { client, variables, terminal }: FolderRequest,
): Promise<void> {
  await requestFolder(dirname(path), why, terminal);
  const target = await targetOf(path);
  if (target !== path) await requestFolder(dirname(target), why, terminal);
  const share = shareDirectory(variables, homedir(), client);
  await requestFolder(share, `use the device id in ${DEVICE_FOLDERS[client].name}`, terminal);
}
