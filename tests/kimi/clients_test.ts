import { assertEquals, assertMatch } from "@std/assert";
import { CHAT_BODIES } from "../../lib/kimi/clients/chat_bodies.ts";
import { IDENTITIES } from "../../lib/kimi/clients/identities.ts";
import { CLIENT_NAMES, USER_AGENTS } from "../../lib/kimi/identity/constants.ts";
import type { Device } from "../../lib/kimi/identity/device.ts";
import { identityHeaders } from "../../lib/kimi/identity/fingerprint.ts";

const DEVICE: Device = {
  ...{ node: "vm", system: "Linux", release: "6.1", machine: "x86_64", version: "#1 SMP" },
  id: "0146db0f52544e1bb2a4ae73bbc7b440",
};

Deno.test("contract 7: kimi-cli sends seven identity headers", () => {
  const headers = identityHeaders("kimi-cli", DEVICE);
  assertEquals(Object.keys(headers), [
    ...["User-Agent", "X-Msh-Platform", "X-Msh-Version", "X-Msh-Device-Name"],
    ...["X-Msh-Device-Model", "X-Msh-Os-Version", "X-Msh-Device-Id"],
  ]);
  assertEquals(headers["User-Agent"], "KimiCLI/1.51.0");
});

Deno.test("contract 7: the client opencode sends only its own User-Agent", () => {
  const headers = identityHeaders("opencode", DEVICE);
  assertEquals(Object.keys(headers), ["User-Agent"]);
  assertMatch(headers["User-Agent"] ?? "", /^opencode-kimi-full\/\d+\.\d+\.\d+/);
});

Deno.test("each table of clients names every client", () => {
  for (const table of [USER_AGENTS, IDENTITIES, CHAT_BODIES]) {
    assertEquals(Object.keys(table), [...CLIENT_NAMES]);
  }
});

Deno.test("the User-Agent of a client is the one in its identity headers", () => {
  for (const client of CLIENT_NAMES) {
    assertEquals(identityHeaders(client, DEVICE)["User-Agent"], USER_AGENTS[client]);
  }
});
