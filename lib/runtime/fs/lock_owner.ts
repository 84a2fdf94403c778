/** Who holds a lock, and whether that process still lives. */

import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { lstat, readFile, readlink, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { finite, objectOf, parseObject, text } from "../../kimi/util/json.ts";
import { codeOf, read, unlessDenied } from "./errors.ts";
import { denoApi, ownProcess } from "../globals.ts";

/** A process, as another one can judge it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, as the system writes it, if it does. */
  readonly start?: string | undefined;
  /** Machine, boot and pid namespace that the pid belongs to. */
  readonly place: string;
}

/** The place of a process that may not look at others: pids are not compared with it. */
const BLIND = "unknown";

export async function ownIdentity(): Promise<ProcessIdentity> {
  const { pid } = ownProcess();
  if (isBlind()) return { pid, place: BLIND };
  return { pid, start: await startOf(pid), place: await here() };
}

/** Deno requires all permissions to read /proc, and `--allow-run` to send a signal. */
function isBlind(): boolean {
  const permissions = denoApi()?.permissions;
  return permissions !== undefined && permissions.querySync({ name: "run" }).state !== "granted";
}

/** Judges whether a process lives; its start shows whether its pid belongs to another one now. */
export async function lifeOf(
  { pid, place, start }: ProcessIdentity,
): Promise<"alive" | "dead" | "unknown"> {
  if (isBlind() || place !== await here()) return "unknown";
  try {
    ownProcess().kill(pid, 0);
  } catch (error) {
    const code = codeOf(error);
    if (code !== "EPERM") return code === "ESRCH" ? "dead" : "unknown";
  }
  const started = start && await startOf(pid);
  return started === undefined || started === start ? "alive" : "dead";
}

/** Only Linux reports the start of a process without running a program. */
async function startOf(pid: number): Promise<string | undefined> {
  if (ownProcess().platform !== "linux") return undefined;
  const stat = await read(`/proc/${pid}/stat`).catch(() => undefined);
  // The name, in parentheses, may hold spaces; the start is the 22nd field. Source: proc(5).
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A process that has ended, and whose parent has not asked for that, still answers to signals.
  return fields?.[0] === "Z" ? "" : fields?.[19];
}

async function here(): Promise<string> {
  if (ownProcess().platform !== "linux") return hostname();
  const boot = await read("/proc/sys/kernel/random/boot_id").catch(() => "");
  const namespace = await readlink("/proc/self/ns/pid").catch(() => "");
  return [hostname(), boot?.trim(), namespace].join(" ");
}

/** The file in a lock that names its holder. */
export const ownerFile = (path: string): string => `${path}/owner`;

/** The text of an owner file, always of one length: a renewal must work on a full disk. */
export function ownerText(identity: ProcessIdentity, nonce: string, renewals: number): string {
  return JSON.stringify({ ...identity, nonce, renewals: String(renewals).padStart(6, "0") });
}

/** Reads who wrote an owner file. */
export function readOwner(json: string): ProcessIdentity | undefined {
  const found = objectOf(parseObject(json));
  const [pid, place] = [finite(found.pid), text(found.place)];
  if (pid === undefined || place === undefined) return undefined;
  return { pid, start: text(found.start), place };
}

/** Writes a renewal through a handle, which spares a lock made meanwhile; false if the file lacks `nonce`. */
export function renewOwner(path: string, nonce: string, renewed: string): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, "r+");
    const isOurs = readFileSync(file, "utf8").includes(nonce);
    // Deno 2.9 writes a text at the end, whatever the position.
    const bytes = new TextEncoder().encode(renewed);
    return isOurs && writeSync(file, bytes, 0, bytes.length, 0) === bytes.length;
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Returns the owner file of a lock, if it has one, and its heartbeat; undefined if nobody holds it. */
export async function look(path: string): Promise<{ owner?: string; beat: number } | undefined> {
  try {
    const file = ownerFile(path);
    return { owner: await readFile(file, "utf8"), beat: (await stat(file)).mtimeMs };
  } catch {
    const folder = await lstat(path).catch(unlessDenied);
    return folder && { beat: folder.mtimeMs };
  }
}
