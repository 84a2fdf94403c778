/** Network errors of Deno, Node and Bun, as measured. */

import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import {
  answerFault,
  classifyNetworkError,
  explainNetworkFault,
  isFinalFault,
  type NetworkContext,
  type NetworkFault,
  networkMessage,
} from "../../../lib/client/net/network_error.ts";
import { requestRefresh } from "../../../lib/client/tokens/locked_refresh.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { wouldRetry } from "../../../lib/kimi/errors/opencode_retry.ts";
import { DEVICE } from "../../support/environment.ts";
import { assertFails, login } from "../fixtures.ts";

/** Runtime, fault, whether nothing was sent for sure, message and code of the innermost error. */
const MEASURED: readonly (readonly [string, NetworkFault, boolean, string, string?])[] = [
  [
    "Deno",
    "refused",
    true,
    "client error (Connect): tcp connect error: Connection refused (os error 111)",
  ],
  ["Deno", "unreachable", true, "client error (Connect): Proxy server unreachable"],
  ["Deno", "unreachable", true, "Fetch failed: Requests to port 1 are blocked"],
  ["Node", "refused", true, "connect ECONNREFUSED 127.0.0.1:9", "ECONNREFUSED"],
  [
    "Bun",
    "unreachable",
    true,
    "Unable to connect. Is the computer able to access the url?",
    "ConnectionRefused",
  ],
  [
    "Deno",
    "dns",
    true,
    "client error (Connect): dns error: failed to lookup address information: Name or service not known",
  ],
  ["Node", "dns", true, "getaddrinfo ENOTFOUND auth.kimi.com", "ENOTFOUND"],
  [
    "Deno",
    "offline",
    true,
    "dns error: failed to lookup address information: Temporary failure in name resolution",
  ],
  ["Node", "offline", true, "getaddrinfo EAI_AGAIN auth.kimi.com", "EAI_AGAIN"],
  ["Node", "offline", true, "connect ENETUNREACH 1.2.3.4:443", "ENETUNREACH"],
  ["Bun", "offline", true, "Was there a typo in the url or port?", "FailedToOpenSocket"],
  ["Deno", "tls", true, "client error (Connect): invalid peer certificate: UnknownIssuer"],
  ["Deno", "tls", true, "client error (Connect): tls handshake eof"],
  [
    "Deno",
    "tls",
    true,
    "client error (Connect): received corrupt message of type InvalidContentType",
  ],
  ["Node", "tls", true, "self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"],
  [
    "Node",
    "tls",
    true,
    "unable to verify the first certificate",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  ],
  [
    "Node",
    "tls",
    true,
    "error:0A00010B:SSL routines::wrong version number",
    "ERR_SSL_WRONG_VERSION_NUMBER",
  ],
  [
    "Node",
    "tls",
    true,
    "Client network socket disconnected before secure TLS connection was established",
    "ECONNRESET",
  ],
  ["Bun", "tls", true, "self signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"],
  [
    "Bun",
    "tls",
    true,
    "unknown certificate verification error",
    "UNKNOWN_CERTIFICATE_VERIFICATION_ERROR",
  ],
  ["Bun", "tls", true, "wrong version number", "EPROTO"],
  [
    "Bun",
    "socks",
    true,
    'UnsupportedProxyProtocol fetching "http://x/". For more information, pass `verbose: true`',
    "UnsupportedProxyProtocol",
  ],
  ["Node", "proxy", true, "Proxy response (407) !== 200 when HTTP Tunneling", "UND_ERR_ABORTED"],
  ["Deno", "proxy", true, "client error (Connect): proxy authentication required"],
  ["Node", "connect_timeout", true, "Connect Timeout Error", "UND_ERR_CONNECT_TIMEOUT"],
  ["Node", "connect_timeout", true, "connect ETIMEDOUT 1.2.3.4:443", "ETIMEDOUT"],
  [
    "Deno",
    "connect_timeout",
    true,
    "client error (Connect): tcp connect error: Connection timed out (os error 110)",
  ],
  ["Node", "timeout", false, "read ETIMEDOUT", "ETIMEDOUT"],
  ["Node", "timeout", false, "Headers Timeout Error", "UND_ERR_HEADERS_TIMEOUT"],
  ["Node", "lost", false, "other side closed", "UND_ERR_SOCKET"],
  ["Node", "lost", false, "read ECONNRESET", "ECONNRESET"],
  [
    "Node",
    "lost",
    false,
    "SSL routines::decryption failed or bad record mac",
    "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
  ],
  ["Deno", "lost", false, "Connection reset by peer (os error 104)"],
  [
    "Deno",
    "lost",
    false,
    "client error (SendRequest): received corrupt message of type InvalidContentType",
  ],
  ["Bun", "lost", false, "The socket connection was closed unexpectedly", "ECONNRESET"],
];

for (const [runtime, fault, neverSent, message, code] of MEASURED) {
  Deno.test(`${runtime}'s "${message}" is ${fault}, also as the cause of a KimiError`, () => {
    const cause = Object.assign(new Error(message), code === undefined ? {} : { code });
    const thrown = new TypeError("fetch failed", { cause });
    for (const error of [thrown, new KimiError("network", "No answer", { cause: thrown })]) {
      assertEquals(classifyNetworkError(error), { fault, neverSent });
    }
  });
}

Deno.test("the addresses that Node tried in vain are part of its error", () => {
  const errors = ["connect ETIMEDOUT [::1]:443", "connect ETIMEDOUT 1.2.3.4:443"].map((message) =>
    Object.assign(new Error(message), { code: "ETIMEDOUT" })
  );
  const cause = Object.assign(new AggregateError(errors), { code: "ETIMEDOUT" });
  assertEquals(classifyNetworkError(new TypeError("fetch failed", { cause })).neverSent, true);
});

Deno.test("an error that causes itself is classified", () => {
  const error = new Error("odd");
  error.cause = error;
  assertEquals(classifyNetworkError(error).fault, "lost");
});

Deno.test("a timeout of this package is a timeout, and an unknown error a lost connection", () => {
  const timeout = new DOMException("Signal timed out.", "TimeoutError");
  assertEquals(classifyNetworkError(timeout), { fault: "timeout", neverSent: false });
  for (const error of [new Error("odd"), "odd"]) {
    assertEquals(classifyNetworkError(error), { fault: "lost", neverSent: false });
  }
});

Deno.test("a refresh token is not spent on a host that speaks no TLS", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(1024));
      await connection.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
      connection.close();
    }
  })().catch(() => {});
  const host = `https://127.0.0.1:${listener.addr.port}`;
  const environment = {
    fetch: (input: string | URL | Request, init?: RequestInit) => fetch(input, init),
    sleep: () => Promise.resolve(),
    device: () => Promise.resolve(DEVICE),
  };
  const work = () =>
    requestRefresh(environment, login(0, "0", { oauth: host, api: host }), {
      client: "kimi-cli",
      host,
    });
  await assertFails(work, "unreachable", "could not prove its identity (TLS)");
  listener.close();
  await serving;
});

Deno.test("a web page or a proxy that answers is not the host, except a page of Kimi's own gateway", () => {
  const answer = (status: number, type: string) =>
    answerFault(new Response(null, { status, headers: { "content-type": type } }));
  assertEquals(answer(200, "text/html; charset=utf-8"), "portal");
  assertEquals(answer(407, "text/plain"), "proxy");
  assertEquals(answer(511, "text/plain"), "portal");
  assertEquals(answer(401, "text/html"), "portal");
  assertEquals(answer(401, "application/json"), undefined);
  for (const status of [413, 429, 500, 502, 503]) {
    assertEquals(answer(status, "text/html"), undefined);
  }
});

const FAULTS = [...new Set(MEASURED.map(([, fault]) => fault)), "portal" as const];

Deno.test("each fault has a problem and a fix of its own", () => {
  const said = FAULTS.map((fault) => explainNetworkFault(fault, "auth.kimi.com"));
  for (const { problem } of said) assertMatch(problem, /^auth\.kimi\.com .+[^.]$/);
  assertEquals(new Set(said.map(({ fix }) => fix)).size, FAULTS.length);
  assertEquals(new Set(said.map(({ problem }) => problem)).size, FAULTS.length);
});

Deno.test("contract 13: the words of a fault that only the user ends make no retry", () => {
  const final = FAULTS.filter(isFinalFault);
  assertEquals(final, ["socks", "proxy"]);
  for (const fault of final) assert(!wouldRetry(networkMessage("Chat", fault, "api.kimi.com")));
});

Deno.test("in Node, the fix names a proxy variable that Node ignores", () => {
  const fix = (
    versions: NetworkContext["versions"] & object,
    variables: Readonly<Record<string, string>>,
    fault: NetworkFault = "dns",
  ) => explainNetworkFault(fault, "auth.kimi.com", { versions, variables }).fix;
  const proxy = { HTTPS_PROXY: "http://proxy:8080" };
  const used = { ...proxy, NODE_USE_ENV_PROXY: "1" };
  const ignored =
    /^Node does not use HTTPS_PROXY: set NODE_USE_ENV_PROXY=1 \(Node 22\.21 or newer\), or run it with bunx or deno$/;
  assertMatch(fix({ node: "24.1.0" }, proxy), ignored);
  assertMatch(fix({ node: "20.20.2" }, used), ignored);
  assertMatch(fix({ node: "22.20.0" }, used), ignored);
  assertMatch(
    fix({ node: "20.20.2" }, { http_proxy: "http://p" }),
    /^Node does not use http_proxy/,
  );
  assertNotMatch(fix({ node: "22.21.0" }, used), /Node/);
  assertNotMatch(fix({ node: "20.1.0" }, {}), /Node/);
  for (
    const versions of [{ node: "24.3.0", bun: "1.3.4" }, { node: "24.3.0", deno: "2.9.6" }, {}]
  ) {
    assertNotMatch(fix(versions, proxy), /Node/);
  }
  for (const fault of ["lost", "portal", "socks"] as const) {
    assertNotMatch(fix({ node: "20.1.0" }, proxy, fault), /does not use/);
  }
});
