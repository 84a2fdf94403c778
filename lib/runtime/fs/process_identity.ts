/**
 * Who holds a lock, and whether that process still lives.
 *
 * @module
 */

import { finite, parseObject, text } from "../../kimi/util/json.ts";
import { denoApi } from "../deno.ts";
import { codeOf, readTextIfAny } from "./errors.ts";
import { ownProcess } from "../process.ts";

/** A process, as another one can judge it. */
export interface ProcessIdentity {
  /** Process id. */
  readonly pid: number;
  /** When it started, in the system's own words; absent where the system does not tell. */
  readonly start?: string;
  /** Machine, boot and pid namespace that the pid belongs to. */
  readonly place: string;
}

/** What can be said of a holder: `unknown` where its pid cannot be judged from here. */
export type Life = "alive" | "dead" | "unknown";

/** The place of a process that may not look at others: nobody judges it by its pid, nor it others. */
const BLIND = "unknown";

/** Deno wants all permissions for /proc, and that to run programs for a signal. */
function isBlind(): boolean {
  const permissions = denoApi()?.permissions;
  return permissions !== undefined && permissions.querySync({ name: "run" }).state !== "granted";
}

/**
 * This process.
 *
 * @returns Its identity.
 */
export async function ownIdentity(): Promise<ProcessIdentity> {
  if (isBlind()) return { pid: ownProcess().pid, place: BLIND };
  const [start, place] = await Promise.all([startOf(ownProcess().pid), placeOfPids()]);
  return { pid: ownProcess().pid, ...(start === undefined ? {} : { start }), place };
}

/**
 * Reads an identity from outside.
 *
 * @param json A JSON text.
 * @returns The identity with all that stands beside it, or undefined.
 */
export function readIdentity(json: string): ProcessIdentity & { nonce: string } | undefined {
  const object = parseObject(json);
  const pid = finite(object?.pid);
  const place = text(object?.place);
  const nonce = text(object?.nonce);
  if (pid === undefined || place === undefined || nonce === undefined) return undefined;
  const start = text(object?.start);
  return { pid, place, nonce, ...(start === undefined ? {} : { start }) };
}

/**
 * Judges whether a process lives. A pid that was given to another process since is told by its start.
 *
 * @param identity The process.
 * @returns What can be said of it.
 */
export async function lifeOf({ pid, place, start }: ProcessIdentity): Promise<Life> {
  if (isBlind() || place !== await placeOfPids()) return "unknown";
  try {
    ownProcess().kill(pid, 0);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ESRCH") return "dead";
    if (code !== "EPERM") return "unknown";
  }
  const started = start === undefined ? undefined : await startOf(pid);
  return started === undefined || started === start ? "alive" : "dead";
}

/** Linux alone tells when a process started without a child process. */
async function startOf(pid: number): Promise<string | undefined> {
  if (ownProcess().platform !== "linux") return undefined;
  const stat = await readTextIfAny(`/proc/${pid}/stat`).catch(() => undefined);
  // The name, in parentheses, may hold spaces; the start is the 22nd field. Source: proc(5).
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A process that has ended, and whose parent has not asked for that, still answers to signals.
  return fields?.[0] === "Z" ? "" : fields?.[19];
}

async function placeOfPids(): Promise<string> {
  const { hostname } = await import("node:os");
  if (ownProcess().platform !== "linux") return hostname();
  const { readlink } = await import("node:fs/promises");
  const [boot, namespace] = await Promise.all([
    readTextIfAny("/proc/sys/kernel/random/boot_id").catch(() => ""),
    readlink("/proc/self/ns/pid").catch(() => ""),
  ]);
  return [hostname(), boot?.trim(), namespace].join(" ");
}
