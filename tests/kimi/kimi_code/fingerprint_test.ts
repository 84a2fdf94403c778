import { assertEquals } from "@std/assert";
import type { DeviceFacts } from "../../../lib/kimi/identity/device.ts";
import { fingerprint } from "../../../lib/kimi/kimi_code/fingerprint.ts";

const LINUX = {
  ...{ node: "vm", system: "Linux", release: "6.18.44-fc-v657", machine: "x86_64" },
  ...{ version: "#1 SMP", id: "df7273c2-ad4a-4036-ae22-c0841aab3e1c" },
};

Deno.test("contract 7: fingerprint() returns what kimi-code 2.1.0 sent on this Linux", () => {
  assertEquals(Object.entries(fingerprint(LINUX)), [
    ["User-Agent", "kimi-code-cli/2.1.0"],
    ["X-Msh-Platform", "kimi_code_cli"],
    ["X-Msh-Version", "2.1.0"],
    ["X-Msh-Device-Name", "vm"],
    ["X-Msh-Device-Model", "Linux 6.18.44-fc-v657 x64"],
    ["X-Msh-Os-Version", "6.18.44-fc-v657"],
    ["X-Msh-Device-Id", "df7273c2-ad4a-4036-ae22-c0841aab3e1c"],
  ]);
});

Deno.test("fingerprint() names system, release and architecture as Node does", () => {
  const darwin = {
    system: "Darwin",
    release: "23.5.0",
    machine: "arm64",
    version: "Darwin Kernel",
  };
  const windows = { system: "Windows", release: "11", machine: "AMD64", version: "10.0.22631" };
  const rows: readonly (readonly [Partial<DeviceFacts>, string, string])[] = [
    [{ ...darwin, macVersion: "14.5" }, "macOS 14.5 arm64", "23.5.0"],
    [{ ...darwin, macVersion: " " }, "macOS 23.5.0 arm64", "23.5.0"],
    [darwin, "macOS 23.5.0 arm64", "23.5.0"],
    [windows, "Windows 10.0.22631 x64", "10.0.22631"],
    [{ ...windows, machine: "ARM64" }, "Windows 10.0.22631 arm64", "10.0.22631"],
    [{ machine: "aarch64" }, "Linux 6.18.44-fc-v657 arm64", "6.18.44-fc-v657"],
    [{ machine: "riscv64" }, "Linux 6.18.44-fc-v657 riscv64", "6.18.44-fc-v657"],
    [{ system: "", release: "", machine: "" }, "unknown", "unknown"],
  ];
  for (const [changes, model, release] of rows) {
    const headers = fingerprint({ ...LINUX, ...changes });
    assertEquals([headers["X-Msh-Device-Model"], headers["X-Msh-Os-Version"]], [model, release]);
  }
});

Deno.test("fingerprint() leaves out what is not printable ASCII, and says unknown if nothing is left", () => {
  const rows = [
    ["MacBook 名", "MacBook"],
    ["a\tb\u007f\u0080c", "abc"],
    ["名前", "unknown"],
    [" ", "unknown"],
    ["", "unknown"],
  ] as const;
  for (const [node, name] of rows) {
    assertEquals(fingerprint({ ...LINUX, node })["X-Msh-Device-Name"], name);
  }
});

Deno.test("fingerprint() sends an id of 32 digits, which kimi-code takes over from kimi-cli, unchanged", () => {
  const id = "0146db0f52544e1bb2a4ae73bbc7b440";
  assertEquals(fingerprint({ ...LINUX, id })["X-Msh-Device-Id"], id);
});
