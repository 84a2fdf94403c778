/**
 * The Deno permissions that the commands ask for, and why.
 *
 * @module
 */

import { isPermissionDenied } from "../../client/net/permission_denied.ts";
import { denoApi } from "../../runtime/deno.ts";
import { SYSTEM_VERSION } from "../../runtime/device/facts.ts";
import type { Terminal } from "./terminal.ts";

/** A permission of Deno. */
export interface Permission {
  /** Its flag, such as `--allow-net`. */
  readonly flag: string;
  /** What it is narrowed to, as a shell reads it: hosts, names, or paths with `$HOME`. */
  readonly value: string;
  /** What it is wanted for, to be read behind "needed to". */
  readonly why: string;
}

/**
 * What the identity headers need: the facts of the machine, and the id that kimi-cli keeps for it.
 *
 * @param platform `process.platform`.
 * @returns What to allow, and why.
 */
export function devicePermissions(platform: string): readonly Permission[] {
  const read = (value: string, why: string): Permission => ({ flag: "--allow-read", value, why });
  return [
    { flag: "--allow-sys", value: "homedir,hostname,osRelease", why: "name this machine to Kimi" },
    read("$HOME/.kimi", "read the device id that is shared with kimi-cli"),
    { flag: "--allow-write", value: "$HOME/.kimi", why: "make that id if there is none" },
    ...(platform === "darwin" ? [read(SYSTEM_VERSION, "tell the version of macOS")] : []),
    ...(platform === "win32"
      ? []
      : [{ flag: "--allow-run", value: "uname", why: "tell the kernel's build" }]),
  ];
}

/** What Deno says of an access that it denied. Source: Deno 2.9 `runtime/permissions`. */
const DENIAL = /Requires [\w-]+ access(?: to "?(.+?)"?)?, run again with the (--allow-[\w-]+) flag/;

/** An access that Deno denied. */
export interface Denial {
  /** The flag that is missing. */
  readonly flag: string;
  /** What was to be reached, if Deno says so. */
  readonly target: string | undefined;
}

/**
 * Finds a denied permission in an error or in what caused it.
 *
 * @param error Anything that was thrown.
 * @returns What was denied, or undefined where the error is something else.
 */
export function denialOf(error: unknown): Denial | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const [, target, flag] = isPermissionDenied(at) ? DENIAL.exec(at.message) ?? [] : [];
    if (flag !== undefined) return { flag, target };
  }
  return undefined;
}

/**
 * Says which flag is missing and why it is wanted.
 *
 * @param denial What was denied.
 * @param permissions What the command asks for.
 * @returns A line for a person.
 */
export function explainDenial(
  { flag, target }: Denial,
  permissions: readonly Permission[],
): string {
  const asked = permissions.filter((permission) => permission.flag === flag);
  const narrow = asked.filter(({ value }) => target !== undefined && covers(value, target));
  const wanted = narrow.length === 0 ? asked : narrow;
  const reason = wanted.map(({ why }) => why).join(", and to ");
  const extra = target === undefined || narrow.length > 0
    ? []
    : [{ flag, value: target.replace(TEMPORARY, "") }];
  return `Deno denied ${target === undefined ? "an access" : `the access to ${target}`}: ` +
    `${flag} is missing${reason === "" ? "" : `, which is needed to ${reason}`}. ` +
    `Run again with ${[...wanted, ...extra].map(flagOf).join(" ") || flag}`;
}

/** A file that is there for a moment: what is wanted is its folder. */
const TEMPORARY = /[/\\][^/\\]+\.tmp$/;

/** Whether a flag's value means a target, which Deno names with its port or below its folder. */
function covers(value: string, target: string): boolean {
  return value.split(",").some((item) => {
    const name = item.replace("$HOME", "");
    return target === name || target.startsWith(`${name}:`) ||
      (name.startsWith("/") && `${target}/`.includes(`${name}/`));
  });
}

/**
 * A permission as it is typed.
 *
 * @param permission The permission.
 * @returns Such as `--allow-net=auth.kimi.com`.
 */
export function flagOf({ flag, value }: Pick<Permission, "flag" | "value">): string {
  return value === "" ? flag : /[$\s]/.test(value) ? `${flag}="${value}"` : `${flag}=${value}`;
}

/**
 * Whether Deno will ask the user for permissions, since the command was started without its flags.
 *
 * @param permissions What the command asks for.
 * @returns Whether it will.
 */
export function willPrompt(permissions: readonly Permission[]): boolean {
  const variables = permissions.find(({ flag }) => flag === "--allow-env")?.value.split(",") ?? [];
  const deno = denoApi();
  return variables.some((variable) =>
    deno?.permissions.querySync({ name: "env", variable }).state === "prompt"
  );
}

/**
 * Has Deno ask for a folder as a whole, and not for each of its files. A prompt in the middle of
 * things would stop the process, and whoever waits for its lock.
 *
 * @param folder The folder.
 * @param why What it is wanted for, to be read behind "to".
 * @param terminal Where to say so.
 * @throws {Error} Where it is denied: as Deno would say it of the folder.
 */
export async function requestFolder(
  folder: string,
  why: string,
  { err }: Terminal,
): Promise<void> {
  const permissions = denoApi()?.permissions;
  if (permissions === undefined) return;
  for (const name of ["read", "write"] as const) {
    const descriptor = { name, path: folder };
    if (permissions.querySync(descriptor).state === "granted") continue;
    if (err.isTerminal) err.write(`To ${why}:\n`);
    const { state } = await permissions.request(descriptor);
    if (state !== "granted") throw denied(name, folder);
  }
}

function denied(name: "read" | "write", folder: string): Error {
  const said = `Requires ${name} access to "${folder}", run again with the --allow-${name} flag`;
  return Object.assign(new Error(said), { name: "NotCapable" });
}
