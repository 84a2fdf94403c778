/** Why a host was not reached, told by what the runtimes say. */

import { assertEquals } from "@std/assert";
import {
  answerFault,
  classifyNetworkError,
  explainNetworkFault,
  type NetworkFault,
} from "../../../lib/client/net/network_error.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";

/** What was thrown for each fault: message and code of the innermost error, as measured. */
const MEASURED: readonly (readonly [string, NetworkFault, string, string?])[] = [
  [
    "Deno",
    "refused",
    "client error (Connect): tcp connect error: Connection refused (os error 111)",
  ],
  ["Node", "refused", "connect ECONNREFUSED 127.0.0.1:9", "ECONNREFUSED"],
  [
    "Bun",
    "refused",
    "Unable to connect. Is the computer able to access the url?",
    "ConnectionRefused",
  ],
  ["Deno", "dns", "dns error: failed to lookup address information: Name or service not known"],
  ["Node", "dns", "getaddrinfo ENOTFOUND auth.kimi.com", "ENOTFOUND"],
  [
    "Deno",
    "offline",
    "dns error: failed to lookup address information: Temporary failure in name resolution",
  ],
  ["Node", "offline", "getaddrinfo EAI_AGAIN auth.kimi.com", "EAI_AGAIN"],
  ["Node", "offline", "connect ENETUNREACH 1.2.3.4:443", "ENETUNREACH"],
  ["Deno", "tls", "client error (Connect): invalid peer certificate: UnknownIssuer"],
  ["Deno", "tls", "client error (Connect): tls handshake eof"],
  ["Node", "tls", "self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"],
  ["Node", "tls", "unable to verify the first certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ["Bun", "tls", "self signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"],
  ["Deno", "tls", "client error (Connect): received corrupt message of type InvalidContentType"],
  [
    "Node",
    "tls",
    "error:0A00010B:SSL routines::wrong version number",
    "ERR_SSL_WRONG_VERSION_NUMBER",
  ],
  ["Bun", "offline", "Was there a typo in the url or port?", "FailedToOpenSocket"],
  ["Node", "proxy", "Proxy response (407) !== 200 when HTTP Tunneling", "UND_ERR_ABORTED"],
  ["Deno", "proxy", "client error (Connect): proxy authentication required"],
  ["Node", "lost", "other side closed", "UND_ERR_SOCKET"],
  ["Node", "lost", "read ECONNRESET", "ECONNRESET"],
  ["Deno", "lost", "Connection reset by peer (os error 104)"],
  ["Node", "timeout", "Connect Timeout Error", "UND_ERR_CONNECT_TIMEOUT"],
];

for (const [runtime, fault, message, code] of MEASURED) {
  Deno.test(`${runtime}'s "${message.slice(0, 60)}" is ${fault}, also as the cause of a KimiError`, () => {
    const cause = Object.assign(new Error(message), code === undefined ? {} : { code });
    const thrown = new TypeError("fetch failed", { cause });
    assertEquals(classifyNetworkError(thrown), fault);
    assertEquals(
      classifyNetworkError(new KimiError("network", "No answer", { cause: thrown })),
      fault,
    );
  });
}

Deno.test("a time limit of ours is a timeout, and what is unknown is a lost connection", () => {
  assertEquals(
    classifyNetworkError(new DOMException("Signal timed out.", "TimeoutError")),
    "timeout",
  );
  assertEquals(classifyNetworkError(new Error("odd")), "lost");
  assertEquals(classifyNetworkError("odd"), "lost");
});

Deno.test("a page or a proxy that answers is not the host", () => {
  const answer = (status: number, type: string) =>
    answerFault(new Response(null, { status, headers: { "content-type": type } }));
  assertEquals(answer(200, "text/html; charset=utf-8"), "portal");
  assertEquals(answer(407, "text/plain"), "proxy");
  assertEquals(answer(511, "text/plain"), "portal");
  assertEquals(answer(401, "application/json"), undefined);
});

Deno.test("each fault names the host and has a cure of its own", () => {
  const faults = [...new Set(MEASURED.map(([, fault]) => fault)), "portal" as const];
  const said = faults.map((fault) => explainNetworkFault(fault, "auth.kimi.com"));
  for (const { problem } of said) assertEquals(problem.startsWith("auth.kimi.com "), true);
  assertEquals(new Set(said.map(({ cure }) => cure)).size, faults.length);
  assertEquals(new Set(said.map(({ problem }) => problem)).size, faults.length);
});
