import { assertEquals, assertMatch } from "@std/assert";
import { CHAT_BODIES } from "../../lib/kimi/clients/chat_bodies.ts";
import { IDENTITIES } from "../../lib/kimi/clients/identities.ts";
import { DEVICE_FOLDERS } from "../../lib/kimi/clients/device_folders.ts";
import { CLIENT_NAMES, SCOPES, USER_AGENTS } from "../../lib/kimi/identity/constants.ts";
import type { Device } from "../../lib/kimi/identity/device.ts";
import { identityHeaders } from "../../lib/kimi/identity/fingerprint.ts";

const DEVICE: Device = {
  ...{ node: "vm", system: "Linux", release: "6.1", machine: "x86_64", version: "#1 SMP" },
  id: "0146db0f52544e1bb2a4ae73bbc7b440",
};

for (
  const [client, agent] of [["kimi-cli", "KimiCLI/1.51.0"], [
    "kimi-code",
    "kimi-code-cli/2.1.0",
  ]] as const
) {
  Deno.test(`contract 7: ${client} sends seven identity headers`, () => {
    const headers = identityHeaders(client, DEVICE);
    assertEquals(Object.keys(headers), [
      ...["User-Agent", "X-Msh-Platform", "X-Msh-Version", "X-Msh-Device-Name"],
      ...["X-Msh-Device-Model", "X-Msh-Os-Version", "X-Msh-Device-Id"],
    ]);
    assertEquals(headers["User-Agent"], agent);
  });
}

Deno.test("contract 7: the client opencode sends only its own User-Agent", () => {
  const headers = identityHeaders("opencode", DEVICE);
  assertEquals(Object.keys(headers), ["User-Agent"]);
  assertMatch(headers["User-Agent"] ?? "", /^opencode-kimi-full\/\d+\.\d+\.\d+/);
});

Deno.test("each table of clients names every client", () => {
  for (const table of [USER_AGENTS, SCOPES, DEVICE_FOLDERS, IDENTITIES, CHAT_BODIES]) {
    assertEquals(Object.keys(table), [...CLIENT_NAMES]);
  }
});

Deno.test("the User-Agent of a client is the one in its identity headers", () => {
  for (const client of CLIENT_NAMES) {
    assertEquals(identityHeaders(client, DEVICE)["User-Agent"], USER_AGENTS[client]);
  }
});
