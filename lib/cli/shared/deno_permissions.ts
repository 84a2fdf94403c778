/** Requests Deno permissions, and explains denied ones. */

import { isPermissionDenied } from "../../client/net/permission_denied.ts";
import { errorChain } from "../../kimi/errors/error_chain.ts";
import { messageOf } from "../../kimi/errors/kimi_error.ts";
import { denoApi } from "../../runtime/globals.ts";
import type { Permission } from "./permissions.ts";
import type { Terminal } from "./terminal.ts";

/** Deno's message of a denied permission. Source: Deno 2.9 `runtime/permissions`. */
const DENIAL = /Requires [\w-]+ access(?: to "?(.+?)"?)?, run again with the (--allow-[\w-]+) flag/;

/** A denied permission: the missing flag, and the path, host or name if Deno's message has one. */
export interface Denial {
  readonly flag: string;
  readonly target: string | undefined;
}

/** Finds a denied permission in an error or its causes. */
export function denialOf(error: unknown): Denial | undefined {
  const [, target, flag] = errorChain(error).filter(isPermissionDenied)
    .map(({ message }) => DENIAL.exec(message)).find((found) => found !== null) ?? [];
  return flag === undefined ? undefined : { flag, target };
}

/** Explains which flag is missing and why the command needs it. */
export function explainDenial(
  { flag, target }: Denial,
  permissions: readonly Permission[],
): string {
  const sameFlag = permissions.filter((permission) => permission.flag === flag);
  const matching = sameFlag.filter(({ value }) => target !== undefined && covers(value, target));
  const needed = matching.length > 0 ? matching : sameFlag;
  const flags = needed.map(formatFlag);
  if (target !== undefined && matching.length === 0) {
    flags.push(formatFlag({ flag, value: target.replace(TEMPORARY, "") }));
  }
  const reason = needed.map(({ why }) => why).join(", and to ");
  const access = target === undefined ? "access" : `access to ${target}`;
  const need = reason === "" ? "" : `, which is needed to ${reason}`;
  return `Deno denied ${access}${need}: run again with ${flags.join(" ") || flag}`;
}

/** The message of an error, or the explanation of a denied permission. */
export function describeError(error: unknown, permissions: readonly Permission[]): string {
  const denial = denialOf(error);
  return denial === undefined ? messageOf(error) : explainDenial(denial, permissions);
}

/** A temporary file; the permission to ask for is that of its folder. */
const TEMPORARY = /[/\\][^/\\]+\.tmp$/;

/** Whether a flag's value includes a target: a host with its port, or a path in a folder. */
function covers(value: string, target: string): boolean {
  return value.split(",").some((item) => {
    const name = item.replace("$HOME", "");
    return target === name || target.startsWith(`${name}:`) ||
      (name.startsWith("/") && `${target}/`.includes(`${name}/`));
  });
}

/** A permission as typed in a shell, such as `--allow-net=auth.kimi.com`. */
export function formatFlag({ flag, value }: Pick<Permission, "flag" | "value">): string {
  return value === "" ? flag : /[$\s]/.test(value) ? `${flag}="${value}"` : `${flag}=${value}`;
}

/** Whether Deno will ask the user for permissions because the command was started without flags. */
export function willPrompt(permissions: readonly Permission[]): boolean {
  const variables = permissions.find(({ flag }) => flag === "--allow-env")?.value.split(",") ?? [];
  const deno = denoApi();
  return variables.some((variable) =>
    deno?.permissions.querySync({ name: "env", variable }).state === "prompt"
  );
}

/** Asks for a folder, or throws: a prompt for its files would come later, perhaps under the lock. */
export async function requestFolder(folder: string, why: string, { err }: Terminal): Promise<void> {
  const permissions = denoApi()?.permissions;
  if (permissions === undefined) return;
  for (const name of ["read", "write"] as const) {
    const descriptor = { name, path: folder };
    if (permissions.querySync(descriptor).state === "granted") continue;
    if (err.isTerminal) err.write(`To ${why}:\n`);
    const { state } = await permissions.request(descriptor);
    if (state !== "granted") throw denialError(name, folder);
  }
}

/** Requests what `access()` of Deno's `node:fs` needs: it ends the process if it lacks this. */
export async function requestUser(): Promise<void> {
  for (const kind of ["uid", "gid"] as const) {
    const answer = await denoApi()?.permissions.request({ name: "sys", kind });
    if (answer !== undefined && answer.state !== "granted") throw denialError("sys", kind);
  }
}

/** The error that Deno itself throws. */
function denialError(name: string, target: string): Error {
  const access = `${name} access to "${target}", run again with the --allow-${name} flag`;
  return Object.assign(new Error(`Requires ${access}`), { name: "NotCapable" });
}
