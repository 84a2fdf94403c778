/** Who holds a lock, and whether that process still lives. */

import { lstat, readdir, readlink, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { fnv1a } from "../../kimi/util/hash.ts";
import { codeOf, read, unlessDenied } from "./errors.ts";
import { denoApi, ownProcess } from "../globals.ts";

/** A process, as another one can judge it. */
export interface Holder {
  readonly pid: number;
  /** When it started, as the system writes it; "" if it does not. */
  readonly start: string;
  /** A hash of the machine, boot and pid namespace of the pid; "" if Deno does not let it look at other processes. */
  readonly place: string;
}

export async function ownHolder(): Promise<Holder> {
  const { pid } = ownProcess();
  const place = await here();
  return { pid, start: place && (await startOf(pid) ?? ""), place };
}

/** Judges whether a process lives; its start shows whether its pid belongs to another one now. */
export async function lifeOf(holder: Holder): Promise<"alive" | "dead" | "unknown"> {
  const place = await here();
  if (place === "" || holder.place !== place) return "unknown";
  try {
    ownProcess().kill(holder.pid, 0);
  } catch (error) {
    const code = codeOf(error);
    if (code !== "EPERM") return code === "ESRCH" ? "dead" : "unknown";
  }
  const started = holder.start && await startOf(holder.pid);
  return started === undefined || started === holder.start ? "alive" : "dead";
}

/** Only Linux reports the start of a process without running a program. */
async function startOf(pid: number): Promise<string | undefined> {
  if (ownProcess().platform !== "linux") return undefined;
  const stat = await read(`/proc/${pid}/stat`).catch(() => undefined);
  // The name, in parentheses, may hold spaces; the start is the 22nd field. Source: proc(5).
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie, which has ended but still has its pid, accepts signals.
  return fields?.[0] === "Z" ? "" : fields?.[19];
}

/** Returns the place of this process; "" if it may not know that, or may not judge others. */
async function here(): Promise<string> {
  const permissions = denoApi()?.permissions;
  // Deno requires all permissions to read /proc, and `--allow-run` to send a signal.
  if (permissions && permissions.querySync({ name: "run" }).state !== "granted") return "";
  try {
    if (ownProcess().platform !== "linux") return fnv1a(hostname());
    const boot = await read("/proc/sys/kernel/random/boot_id");
    return fnv1a([hostname(), boot?.trim(), await readlink("/proc/self/ns/pid")].join(" "));
  } catch {
    return "";
  }
}

/** The name of the file in a lock: its holder, a nonce, and how often it was renewed. */
export function holderName({ pid, start, place }: Holder, nonce: string, renewals: number): string {
  return [pid, start, place, nonce, renewals].join(".");
}

const NAME = /^(\d+)\.(\d*)\.([0-9a-f]*)\.[0-9a-f-]{36}\.\d+$/;

/** Reads the name of a file in a lock; undefined if no holder has such a name. */
export function readHolder(name: string): Holder | undefined {
  const [, pid, start = "", place = ""] = NAME.exec(name) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), start, place };
}

/** Returns the name of the file in a lock, "" if there is none, and its heartbeat; undefined if nothing is in the lock's place. */
export async function look(path: string): Promise<{ name: string; beat: number } | undefined> {
  try {
    const name = (await readdir(path)).find(readHolder) ?? "";
    return { name, beat: (await stat(`${path}/${name}`)).mtimeMs };
  } catch {
    const found = await lstat(path).catch(unlessDenied);
    return found && { name: "", beat: found.mtimeMs };
  }
}
