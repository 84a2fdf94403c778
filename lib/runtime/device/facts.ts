/**
 * The facts of this machine in the words of Python's `platform` module, from `node:os`.
 *
 * @module
 */

import { pythonStrip } from "../../kimi/util/python.ts";
import { denoApi } from "../deno.ts";
import { readTextIfAny } from "../fs/errors.ts";
import type { DeviceFacts } from "../../kimi/identity/fingerprint.ts";

/** What `node:os` says. */
export interface OsFacts {
  /** `os.type()`. */
  readonly type: string;
  /** `os.hostname()`. */
  readonly hostname: string;
  /** `os.release()`. */
  readonly release: string;
  /** `os.machine()`. */
  readonly machine: string;
  /** The kernel's build string; of Windows, the product's name. */
  readonly version: string;
  /** Text of macOS' `SystemVersion.plist`. */
  readonly systemVersion?: string;
}

/** Where macOS keeps its product version. Source: CPython `platform._mac_ver_xml`. */
export const SYSTEM_VERSION = "/System/Library/CoreServices/SystemVersion.plist";

/** Names of Windows releases by kernel version. Source: CPython `platform._WIN32_CLIENT_RELEASES`. */
const WINDOWS_RELEASES: Readonly<Record<string, string>> = { "6.1": "7", "6.2": "8", "6.3": "8.1" };

/** Names of Windows servers by build. Source: CPython 3.13 `platform._WIN32_SERVER_RELEASES`. */
const WINDOWS_SERVERS = [[20348, "2022Server"], [17763, "2019Server"], [0, "2016Server"]] as const;

/** `PROCESSOR_ARCHITECTURE` of Windows by the machine names of `node:os`. */
const WINDOWS_MACHINES: Readonly<Record<string, string>> = { x86_64: "AMD64", arm64: "ARM64" };

/**
 * Translates what `node:os` says into what Python says on the same machine.
 *
 * @param os What `node:os` says.
 * @returns The facts.
 * @example
 * ```ts
 * import { platformFacts } from "./facts.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const os = { type: "Windows_NT", hostname: "PC", release: "10.0.22631", machine: "x86_64", version: "Windows 11 Pro" };
 * assertEquals(platformFacts(os).version, "10.0.22631");
 * assertEquals(platformFacts(os).machine, "AMD64");
 * ```
 */
export function platformFacts(os: OsFacts): DeviceFacts {
  const { type, hostname: node, release, machine, version } = os;
  if (type === "Windows_NT") {
    const [major = "", minor = "", build = ""] = release.split(".");
    const windowsBuild = Number(build) || 0;
    const server = major === "10" && /\bServer\b/.test(version)
      ? WINDOWS_SERVERS.find(([first]) => first <= windowsBuild)?.[1]
      : undefined;
    return {
      node,
      system: "Windows",
      release: server ?? WINDOWS_RELEASES[`${major}.${minor}`] ?? major,
      machine: WINDOWS_MACHINES[machine] ?? machine,
      version: release,
      windowsBuild,
    };
  }
  const product = /<key>ProductVersion<\/key>\s*<string>([^<]+)<\/string>/
    .exec(os.systemVersion ?? "")?.[1];
  return {
    node,
    system: type,
    release,
    machine,
    version,
    ...(product === undefined ? {} : { macVersion: product }),
  };
}

/**
 * Reads the facts of this machine.
 *
 * @returns The facts.
 */
export async function readDeviceFacts(): Promise<DeviceFacts> {
  const os = await import("node:os");
  const type = os.type();
  const systemVersion = type === "Darwin" ? await readTextIfAny(SYSTEM_VERSION) : undefined;
  return platformFacts({
    type,
    hostname: os.hostname(),
    release: os.release(),
    machine: os.machine(),
    version: type === "Windows_NT" ? os.version() : await kernelVersion(os.version()),
    ...(systemVersion === undefined ? {} : { systemVersion }),
  });
}

/** Deno's `os.version()` is the release; `uname -v` prints the build string. */
async function kernelVersion(version: string): Promise<string> {
  const deno = denoApi();
  if (deno === undefined) return version;
  const { stdout } = await new deno.Command("uname", { args: ["-v"] }).output();
  return pythonStrip(new TextDecoder().decode(stdout));
}
