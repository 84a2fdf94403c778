import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { KimiError } from "../../lib/protocol/error.ts";
import { areDefaultHosts, assertTrusted, resolveHosts } from "../../lib/protocol/hosts.ts";
import { utf16 } from "./data.ts";

const OAUTH = "https://auth.kimi.com";
const API = "https://api.kimi.com/coding/v1";
const GLOBAL_API = "https://api.kimi.ai/coding/v1";
const KNOWN = { oauth: "https://auth.example", api: "https://api.example:8443/v1" };

function isTrusted(url: string, known?: typeof KNOWN): boolean {
  try {
    assertTrusted(url, known);
    return true;
  } catch (error) {
    assert(error instanceof KimiError && error.code === "untrusted_host", String(error));
    return false;
  }
}

Deno.test("the hosts are Kimi's unless something is set", () => {
  assertEquals(resolveHosts({}), { oauth: OAUTH, api: API });
  const empty = { KIMI_CODE_OAUTH_HOST: "", KIMI_OAUTH_HOST: "", KIMI_CODE_BASE_URL: "" };
  assertEquals(resolveHosts(empty, ""), { oauth: OAUTH, api: API });
  assert(areDefaultHosts(resolveHosts({})));
});

Deno.test("the OAuth host: KIMI_CODE_OAUTH_HOST, then KIMI_OAUTH_HOST, then that of the login", () => {
  const oauth = (first?: string, second?: string) =>
    resolveHosts({ KIMI_CODE_OAUTH_HOST: first, KIMI_OAUTH_HOST: second }, undefined, KNOWN).oauth;
  assertEquals(oauth("https://a.example/", "https://b.example"), "https://a.example");
  assertEquals(oauth("", "https://b.example"), "https://b.example");
  assertEquals(oauth(), KNOWN.oauth);
});

Deno.test("the API base: the option, then KIMI_CODE_BASE_URL, then that of the login", () => {
  const api = (option?: string, variable?: string) =>
    resolveHosts({ KIMI_CODE_BASE_URL: variable }, option, KNOWN).api;
  assertEquals(api("https://o.example/v1/", "https://v.example/v1"), "https://o.example/v1");
  assertEquals(api(undefined, " https://v.example/v1// "), "https://v.example/v1");
  assertEquals(api(), KNOWN.api);
});

Deno.test("an option that is the default of either region counts as unset", () => {
  for (const option of [API, `${API}/`, GLOBAL_API]) {
    assertEquals(resolveHosts({}, option, KNOWN).api, KNOWN.api);
    assertEquals(
      resolveHosts({ KIMI_CODE_BASE_URL: "https://v.example" }, option).api,
      "https://v.example",
    );
    assertEquals(resolveHosts({}, option).api, API);
  }
});

Deno.test("only the two default hosts together need not be kept", () => {
  assert(!areDefaultHosts({ oauth: OAUTH, api: GLOBAL_API }));
  assert(!areDefaultHosts({ oauth: "https://auth.kimi.ai", api: API }));
});

Deno.test("contract 8: tokens go to the hosts of kimi.com and kimi.ai by https", () => {
  for (
    const host of ["kimi.com", "api.kimi.com", "auth.kimi.ai", "a.b.kimi.ai", "API.KIMI.COM:8443"]
  ) {
    assert(isTrusted(`https://${host}/coding/v1`), host);
    assert(!isTrusted(`http://${host}/coding/v1`), host);
  }
});

Deno.test("contract 8: tokens go to no host that only looks like Kimi's", () => {
  const others = [
    ...[
      "kimi.com.example",
      "notkimi.com",
      "kimi.com.",
      "kimi.co",
      "xkimi.ai",
      "kimi.com@evil.example",
    ],
    ...[
      "evil.example/kimi.com",
      "evil.example?.kimi.com",
      "evil.example#.kimi.com",
      "kimi-com.example",
    ],
    ...["кimi.com", "kimi.cn", "moonshot.ai", "192.168.0.1", "[2001:db8::1]"],
  ];
  for (const host of others) assert(!isTrusted(`https://${host}`), host);
});

Deno.test("contract 8: loopback is trusted, by http too, and what looks like it is not", () => {
  for (
    const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "LOCALHOST", "127.1", "0x7f.1"]
  ) {
    for (const scheme of ["http", "https"]) assert(isTrusted(`${scheme}://${host}:8080/v1`), host);
  }
  const others = [
    "localhost.example",
    "127.0.0.1.example",
    "128.0.0.1",
    "[::2]",
    "0.0.0.0",
    "10.0.0.1",
  ];
  for (const host of others) assert(!isTrusted(`http://${host}/`), host);
  for (const url of ["ftp://localhost/", "ws://127.0.0.1/", "file:///etc/passwd", "javascript:1"]) {
    assert(!isTrusted(url), url);
  }
});

Deno.test("contract 8: a host that was set at the login is trusted, at its own origin alone", () => {
  assert(isTrusted("https://auth.example/api/oauth/token", KNOWN));
  assert(isTrusted("https://api.example:8443/v1/chat/completions", KNOWN));
  const others = ["https://api.example/v1", "http://auth.example/", "https://x.auth.example/"];
  for (const url of others) assert(!isTrusted(url, KNOWN), url);
  assert(!isTrusted("https://auth.example/"));
  assert(
    !isTrusted("http://auth.example/", { oauth: "http://auth.example", api: "http://b.example" }),
  );
});

Deno.test("contract 8: the refusal names the host and what to do", () => {
  assertThrows(
    () => assertTrusted("https://evil.example/v1"),
    KimiError,
    "evil.example: it was not set",
  );
  assertThrows(() => assertTrusted("http://api.kimi.com"), KimiError, "only https is allowed");
  assertThrows(() => assertTrusted("no url"), KimiError, "is not a URL");
  assertEquals(assertTrusted(`${API}/models`).href, `${API}/models`);
});

Deno.test("contract 8: arbitrary URLs and hosts never throw anything but a KimiError", () => {
  const start = fc.constantFrom("", "http://", "https://", "https://kimi.com", "http://127.0.0.1:");
  const url = fc.tuple(start, utf16).map((parts) => parts.join(""));
  fc.assert(fc.property(url, url, url, (url, oauth, api) => {
    const hosts = resolveHosts({ KIMI_CODE_OAUTH_HOST: oauth }, api);
    isTrusted(url, hosts);
    isTrusted(hosts.oauth);
  }));
});
