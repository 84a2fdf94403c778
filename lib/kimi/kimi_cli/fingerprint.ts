/** The identity headers of kimi-cli. */

import { KIMI_CLI_VERSION, USER_AGENTS } from "../identity/constants.ts";
import type { Device, DeviceFacts } from "../identity/device.ts";
import { pythonStrip } from "../util/python.ts";

/** `X-Msh-Platform` of kimi-cli. Source: kimi-cli `auth/oauth.py`, `_common_headers`. */
const PLATFORM = "kimi_cli";

/**
 * Makes a text fit for a header as kimi-cli does: characters outside ASCII are dropped, and white
 * space at the ends. If nothing is left of a text that was not ASCII, the fallback takes its place.
 *
 * @see kimi-cli 1.51.0 `auth/oauth.py`: `_ascii_header_value`
 * @example
 * ```ts
 * import { asciiHeaderValue } from "@kimi/full/protocol";
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
 * Returns the value of `X-Msh-Device-Model`: system, version and architecture, as far as known.
 *
 * @see kimi-cli 1.51.0 `auth/oauth.py`: `_device_model`
 * @example
 * ```ts
 * import { deviceModel } from "@kimi/full/protocol";
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

/** Returns the seven headers, in kimi-cli's order. */
export function fingerprint(device: Device): Record<string, string> {
  const values = {
    "User-Agent": USER_AGENTS["kimi-cli"],
    "X-Msh-Platform": PLATFORM,
    "X-Msh-Version": KIMI_CLI_VERSION,
    "X-Msh-Device-Name": device.node,
    "X-Msh-Device-Model": deviceModel(device),
    "X-Msh-Os-Version": device.version,
    "X-Msh-Device-Id": device.id,
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, withoutControls(asciiHeaderValue(value))]),
  );
}

/** Python's HTTP libraries throw on such a value, and nothing is sent. */
function withoutControls(value: string): string {
  // deno-lint-ignore no-control-regex
  return value.replace(/[\x00-\x08\x0a-\x1f\x7f]+/g, "");
}
