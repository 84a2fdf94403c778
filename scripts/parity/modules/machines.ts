/** Machines as `node:os` describes them, and as the system describes them to Python. */

import type { OsFacts } from "../../../lib/runtime/device/facts.ts";

export interface MachineCase {
  readonly os: OsFacts;
  readonly python: UnixView | WindowsView;
}

interface UnixView {
  /** System, node, release, version, machine. */
  readonly uname: readonly string[];
  /** macOS' `SystemVersion.plist`. */
  readonly plist?: string;
}

/** By Windows Management Instrumentation; type 1 is a client, 3 a server. */
interface WindowsView {
  readonly wmi: { readonly version: string; readonly productType: 1 | 2 | 3; readonly cpu: 9 | 12 };
  readonly node: string;
  /** `sys.getwindowsversion().build`. */
  readonly build: number;
}

export function machineCases(): readonly MachineCase[] {
  return [...windowsCases(), ...macCases(), ...unixCases()];
}

/** Product names as in Windows' registry, from which libuv reads `os.version()`. */
function windowsCases(): readonly MachineCase[] {
  const clients = [
    ["10.0.17763", "Windows 10 Enterprise LTSC 2019"],
    ["10.0.19045", "Windows 10 Pro"],
    ["10.0.22000", "Windows 11 Home"],
    ["10.0.22631", "Windows 11 Pro"],
    ["10.0.26100", "Windows 11 Enterprise"],
  ] as const;
  const servers = [
    ["10.0.14393", "Windows Server 2016 Standard"],
    ["10.0.17763", "Windows Server 2019 Datacenter"],
    ["10.0.20348", "Windows Server 2022 Datacenter Azure Edition"],
  ] as const;
  return [
    ...clients.flatMap(([release, name]) =>
      (["x86_64", "arm64"] as const).map((machine) => windows(release, name, 1, machine))
    ),
    ...servers.flatMap(([release, name]) =>
      ([2, 3] as const).map((productType) => windows(release, name, productType, "x86_64"))
    ),
  ];
}

function windows(
  release: string,
  version: string,
  productType: 1 | 2 | 3,
  machine: "x86_64" | "arm64",
): MachineCase {
  const node = "DESKTOP-4F2K";
  return {
    os: { type: "Windows_NT", hostname: node, release, machine, version },
    python: {
      wmi: { version: release, productType, cpu: machine === "arm64" ? 12 : 9 },
      node,
      build: Number(release.split(".")[2]),
    },
  };
}

function macCases(): readonly MachineCase[] {
  const kernel = "Darwin Kernel Version 24.6.0: Mon Jul 14 11:30:29 PDT 2025; root:xnu/RELEASE";
  const plist = (product: string) =>
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" ' +
    '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0">\n<dict>\n' +
    "\t<key>ProductBuildVersion</key>\n\t<string>24G84</string>\n" +
    `\t<key>ProductVersion</key>\n\t<string>${product}</string>\n` +
    "\t<key>iOSSupportVersion</key>\n\t<string>18.6</string>\n</dict>\n</plist>\n";
  return [
    unix("Darwin", "Zoes-MacBook.local", "24.6.0", kernel, "arm64", plist("15.6.1")),
    unix("Darwin", "mac.local", "24.6.0", kernel, "x86_64", plist("15.6")),
    unix("Darwin", "mac.local", "25.0.0", kernel, "arm64", plist("26.0")),
    unix("Darwin", "mac.local", "24.6.0", kernel, "arm64"),
  ];
}

function unixCases(): readonly MachineCase[] {
  const build = "#31-Ubuntu SMP PREEMPT_DYNAMIC Sat Apr 20 00:40:06 UTC 2024";
  return [
    unix("Linux", "box", "6.8.0-31-generic", build, "x86_64"),
    unix("Linux", "pi", "6.6.31+rpt-rpi-v8", "#1 SMP PREEMPT Debian 1:6.6.31-1+rpt1", "aarch64"),
    unix("Linux", "PC", "5.15.153.1-microsoft-standard-WSL2", "#1 SMP Fri Mar 29 2024", "x86_64"),
    unix("FreeBSD", "bsd", "14.1-RELEASE", "FreeBSD 14.1-RELEASE GENERIC", "amd64"),
    unix("Linux", "unknown", "6.8.0", build, "x86_64"),
  ];
}

/** On Unix, `node:os` and Python call the same `uname`. */
function unix(
  ...[type, hostname, release, version, machine, plist]: readonly [
    ...uname: [string, string, string, string, string],
    plist?: string,
  ]
): MachineCase {
  return {
    os: {
      ...{ type, hostname, release, machine, version },
      ...(plist === undefined ? {} : { systemVersion: plist }),
    },
    python: {
      uname: [type, hostname, release, version, machine],
      ...(plist === undefined ? {} : { plist }),
    },
  };
}
