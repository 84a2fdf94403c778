/** The facts of this machine as Python's `platform` module reports them, read from `node:os`. */

import { pythonStrip } from "../../kimi/util/python.ts";
import { denoApi } from "../globals.ts";
import { read, unlessDenied } from "../fs/errors.ts";
import type { DeviceFacts } from "../../kimi/identity/fingerprint.ts";

/** Results of the functions of `node:os` that have these names. */
export interface OsFacts {
  readonly type: string;
  readonly hostname: string;
  readonly release: string;
  readonly machine: string;
  /** The kernel's build string; on Windows the name of the product. */
  readonly version: string;
  /** Text of macOS' `SystemVersion.plist`. */
  readonly systemVersion?: string;
}

/** The file that holds the product version of macOS. Source: CPython `platform._mac_ver_xml`. */
export const SYSTEM_VERSION = "/System/Library/CoreServices/SystemVersion.plist";

/** Names of Windows releases by kernel version. Source: CPython `platform._WIN32_CLIENT_RELEASES`. */
const WINDOWS_RELEASES: Readonly<Record<string, string>> = { "6.1": "7", "6.2": "8", "6.3": "8.1" };

/** Names of Windows servers by build. Source: CPython 3.13 `platform._WIN32_SERVER_RELEASES`. */
const WINDOWS_SERVERS = [[20348, "2022Server"], [17763, "2019Server"], [0, "2016Server"]] as const;

/** Values of Windows' `PROCESSOR_ARCHITECTURE`, by machine name of `node:os`. */
const WINDOWS_MACHINES: Readonly<Record<string, string>> = { x86_64: "AMD64", arm64: "ARM64" };

/** Translates the facts of `node:os` into those of Python on the same machine. */
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
    ...{ node, system: type, release, machine, version },
    ...(product === undefined ? {} : { macVersion: product }),
  };
}

export async function readDeviceFacts(): Promise<DeviceFacts> {
  const os = await import("node:os");
  const type = os.type();
  const isMac = type === "Darwin";
  const systemVersion = isMac ? await read(SYSTEM_VERSION).catch(unlessDenied) : undefined;
  return platformFacts({
    type,
    hostname: os.hostname(),
    release: os.release(),
    machine: os.machine(),
    version: type === "Windows_NT" ? os.version() : await kernelVersion(os.version()),
    ...(systemVersion === undefined ? {} : { systemVersion }),
  });
}

/** Deno's `os.version()` returns the release, so `uname -v` is run for the build string. */
async function kernelVersion(version: string): Promise<string> {
  const deno = denoApi();
  if (deno === undefined) return version;
  const { stdout } = await new deno.Command("uname", { args: ["-v"] }).output();
  return pythonStrip(new TextDecoder().decode(stdout));
}
