import { assertEquals } from "@std/assert";
import { identityHeaders } from "../../../lib/kimi/identity/fingerprint.ts";
import { deviceModel } from "../../../lib/kimi/kimi_cli/fingerprint.ts";
import { type OsFacts, platformFacts, readDeviceFacts } from "../../../lib/runtime/device/facts.ts";

const PLIST = `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
	<key>ProductBuildVersion</key>
	<string>23F79</string>
	<key>ProductVersion</key>
	<string>14.5</string>
</dict></plist>`;

function os(changes: Partial<OsFacts>): OsFacts {
  const linux = { type: "Linux", release: "6.8.0-31-generic", machine: "x86_64" };
  return { ...linux, hostname: "box", version: "#31-Ubuntu SMP PREEMPT_DYNAMIC", ...changes };
}

function windows(release: string, machine = "x86_64"): OsFacts {
  return os({ type: "Windows_NT", hostname: "PC", release, machine, version: "" });
}

const DARWIN = os({
  type: "Darwin",
  hostname: "mac.local",
  release: "23.5.0",
  machine: "arm64",
  version: "Darwin Kernel Version 23.5.0: Wed May  1 20:12:58 PDT 2024; root:xnu",
});

const FREEBSD = os({
  type: "FreeBSD",
  release: "14.1-RELEASE",
  machine: "amd64",
  version: "FreeBSD 14.1-RELEASE releng/14.1-n267679 GENERIC",
});

// Name, facts of node:os, X-Msh-Device-Model, X-Msh-Os-Version.
const MACHINES: readonly (readonly [string, OsFacts, string, string])[] = [
  ["Linux", os({}), "Linux 6.8.0-31-generic x86_64", "#31-Ubuntu SMP PREEMPT_DYNAMIC"],
  ["macOS", { ...DARWIN, systemVersion: PLIST }, "macOS 14.5 arm64", DARWIN.version],
  ["macOS without its plist", DARWIN, "macOS 23.5.0 arm64", DARWIN.version],
  [
    "macOS with a plist of another kind",
    { ...DARWIN, systemVersion: "<plist/>" },
    "macOS 23.5.0 arm64",
    DARWIN.version,
  ],
  ["Windows 11", windows("10.0.22631"), "Windows 11 AMD64", "10.0.22631"],
  ["the first Windows 11", windows("10.0.22000"), "Windows 11 AMD64", "10.0.22000"],
  ["the last Windows 10", windows("10.0.19045"), "Windows 10 AMD64", "10.0.19045"],
  ["Windows 11 on ARM", windows("10.0.26100", "arm64"), "Windows 11 ARM64", "10.0.26100"],
  ["Windows 8.1", windows("6.3.9600"), "Windows 8.1 AMD64", "6.3.9600"],
  ["Windows 8", windows("6.2.9200"), "Windows 8 AMD64", "6.2.9200"],
  ["Windows 7", windows("6.1.7601"), "Windows 7 AMD64", "6.1.7601"],
  ["FreeBSD", FREEBSD, "FreeBSD 14.1-RELEASE amd64", FREEBSD.version],
];

for (const [name, facts, model, version] of MACHINES) {
  Deno.test(`platformFacts() describes ${name} as Python does`, () => {
    const device = platformFacts(facts);
    assertEquals([device.node, deviceModel(device)], [facts.hostname, model]);
    const headers = identityHeaders("kimi-cli", { ...device, id: "0".repeat(32) });
    assertEquals(headers["X-Msh-Device-Model"], model);
    assertEquals(headers["X-Msh-Os-Version"], version);
  });
}

Deno.test("platformFacts() accepts empty facts", () => {
  for (const type of ["Linux", "Darwin", "Windows_NT", "", "SunOS"]) {
    const empty = { type, hostname: "", release: "", machine: "", version: "" };
    const headers = identityHeaders("kimi-cli", { ...platformFacts(empty), id: "x" });
    for (const value of Object.values(headers)) new Headers({ value });
  }
});

Deno.test({
  name: "readDeviceFacts() returns what uname prints, under Deno too",
  ignore: Deno.build.os === "windows",
  async fn() {
    const uname = async (flag: string) => {
      const { stdout } = await new Deno.Command("uname", { args: [flag] }).output();
      return new TextDecoder().decode(stdout).trim();
    };
    const facts = await readDeviceFacts();
    const { node, system, release, machine, version } = facts;
    const said = await Promise.all(["-n", "-s", "-r", "-m", "-v"].map(uname));
    assertEquals([node, system, release, machine, version], said);
  },
});
