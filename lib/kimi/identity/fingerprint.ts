/**
 * The seven identity headers of kimi-cli, from the facts of a device.
 *
 * @see kimi-cli 1.51.0 `auth/oauth.py`: `_common_headers`, `_device_model`, `_ascii_header_value`
 * @module
 */

import { type ClientName, KIMI_CLI_PLATFORM, KIMI_CLI_VERSION, USER_AGENTS } from "./constants.ts";
import { pythonStrip } from "../util/python.ts";

/** What is known of a machine, in the words of Python's `platform` module. */
export interface DeviceFacts {
  /** `platform.node()`: the host name. */
  readonly node: string;
  /** `platform.system()`: `Linux`, `Darwin`, `Windows`, … */
  readonly system: string;
  /** `platform.release()`: the kernel's release; on Windows `10`, `11`, … */
  readonly release: string;
  /** `platform.machine()`: `x86_64`, `arm64`, `AMD64`, … */
  readonly machine: string;
  /** `platform.version()`: the kernel's build string. */
  readonly version: string;
  /** `platform.mac_ver()[0]`: the product version of macOS. */
  readonly macVersion?: string;
  /** Build number of Windows. */
  readonly windowsBuild?: number;
}

/** A machine and the id that kimi-cli keeps for it. */
export interface Device extends DeviceFacts {
  /** Content of `$KIMI_SHARE_DIR/device_id`. */
  readonly id: string;
}

/**
 * A value made fit for a header as kimi-cli does it: what is not ASCII is left out.
 *
 * @param value Any text.
 * @param fallback What stands in where nothing is left of a text that was not ASCII.
 * @returns ASCII without white space at its ends.
 * @example
 * ```ts
 * import { asciiHeaderValue } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(asciiHeaderValue("MacBook 名"), "MacBook");
 * assertEquals(asciiHeaderValue("名前"), "unknown");
 * ```
 */
export function asciiHeaderValue(value: string, fallback = "unknown"): string {
  // deno-lint-ignore no-control-regex
  const ascii = value.replace(/[^\x00-\x7f]+/g, "");
  if (ascii === value) return pythonStrip(value);
  return pythonStrip(ascii) || fallback;
}

/**
 * The value of `X-Msh-Device-Model`.
 *
 * @param facts What is known of the machine.
 * @returns System, version and architecture, as far as they are known.
 * @example
 * ```ts
 * import { deviceModel } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const facts = { node: "vm", system: "Linux", release: "6.1", machine: "x86_64", version: "#1" };
 * assertEquals(deviceModel(facts), "Linux 6.1 x86_64");
 * ```
 */
export function deviceModel(facts: DeviceFacts): string {
  const { system, machine } = facts;
  if (system === "") return "Unknown";
  let [name, release] = [system, facts.release];
  if (system === "Darwin") {
    name = "macOS";
    release = facts.macVersion || facts.release;
  } else if (system === "Windows" && release === "10" && (facts.windowsBuild ?? 0) >= 22000) {
    release = "11";
  }
  return [name, release, machine].filter((part) => part !== "").join(" ");
}

/**
 * The headers that say who is asking: User-Agent and the six X-Msh for `kimi-cli`, User-Agent alone
 * for `opencode`.
 *
 * @param client Whose identity to send.
 * @param device The machine.
 * @returns Names and values, in kimi-cli's order.
 * @example
 * ```ts
 * import { identityHeaders } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const device = {
 *   node: "vm", system: "Linux", release: "6.1", machine: "x86_64", version: "#1 SMP",
 *   id: "0123456789abcdef0123456789abcdef",
 * };
 * assertEquals(identityHeaders("kimi-cli", device)["X-Msh-Os-Version"], "#1 SMP");
 * ```
 */
export function identityHeaders(client: ClientName, device: Device): Record<string, string> {
  const userAgent = { "User-Agent": USER_AGENTS[client] };
  if (client === "opencode") return userAgent;
  const values = {
    "X-Msh-Platform": KIMI_CLI_PLATFORM,
    "X-Msh-Version": KIMI_CLI_VERSION,
    "X-Msh-Device-Name": device.node,
    "X-Msh-Device-Model": deviceModel(device),
    "X-Msh-Os-Version": device.version,
    "X-Msh-Device-Id": device.id,
  };
  return {
    ...userAgent,
    ...Object.fromEntries(
      Object.entries(values).map((
        [name, value],
      ) => [name, withoutControls(asciiHeaderValue(value))]),
    ),
  };
}

/** Python's HTTP libraries refuse such a value with an exception, and nothing is sent. */
function withoutControls(value: string): string {
  // deno-lint-ignore no-control-regex
  return value.replace(/[\x00-\x08\x0a-\x1f\x7f]+/g, "");
}
