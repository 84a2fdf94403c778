/** The identity headers of kimi-code. Source: kimi-code 2.1.0 `packages/oauth/src/identity.ts`. */

import { KIMI_CODE_VERSION, USER_AGENTS } from "../identity/constants.ts";
import type { Device, DeviceFacts } from "../identity/device.ts";

/** Returns the seven headers, in kimi-code's order. */
export function fingerprint(device: Device): Record<string, string> {
  return {
    "User-Agent": USER_AGENTS["kimi-code"],
    "X-Msh-Platform": "kimi_code_cli",
    "X-Msh-Version": KIMI_CODE_VERSION,
    "X-Msh-Device-Name": headerValue(device.node),
    "X-Msh-Device-Model": headerValue(modelOf(device)),
    "X-Msh-Os-Version": headerValue(releaseOf(device)),
    "X-Msh-Device-Id": headerValue(device.id),
  };
}

function headerValue(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, "").trim() || "unknown";
}

function modelOf(facts: DeviceFacts): string {
  const [name, release] = facts.system === "Darwin"
    ? ["macOS", facts.macVersion?.trim() || facts.release]
    : [facts.system, releaseOf(facts)];
  return `${name} ${release} ${ARCHITECTURES[facts.machine] ?? facts.machine}`;
}

/** Node's `os.release()`, which on Windows is what Python calls the version. */
function releaseOf({ system, release, version }: DeviceFacts): string {
  return system === "Windows" ? version : release;
}

/** Node's `process.arch` by machine. Source: https://nodejs.org/api/process.html#processarch */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  ...{ x86_64: "x64", AMD64: "x64", amd64: "x64", aarch64: "arm64", ARM64: "arm64" },
  ...{ i386: "ia32", i686: "ia32", x86: "ia32", armv6l: "arm", armv7l: "arm" },
  ...{ ppc64le: "ppc64", loongarch64: "loong64", mips64: "mips64el" },
};
