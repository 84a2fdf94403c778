import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import {
  areDefaultHosts,
  assertTrusted,
  isTrusted,
  resolveHosts,
} from "../../../lib/kimi/identity/hosts.ts";
import { loginHosts } from "../../../lib/kimi/identity/login_hosts.ts";
import { regionOf, REGIONS } from "../../../lib/kimi/identity/regions.ts";
import { utf16 } from "../../support/vectors.ts";

const OAUTH = "https://auth.kimi.com";
const API = "https://api.kimi.com/coding/v1";
const GLOBAL_API = "https://api.kimi.ai/coding/v1";
const KNOWN = { oauth: "https://auth.example", api: "https://api.example:8443/v1" };

Deno.test("resolveHosts() returns Kimi's hosts if nothing is set", () => {
  assertEquals(resolveHosts({}), { oauth: OAUTH, api: API });
  const empty = { KIMI_CODE_OAUTH_HOST: "", KIMI_OAUTH_HOST: "", KIMI_CODE_BASE_URL: "" };
  assertEquals(resolveHosts(empty, ""), { oauth: OAUTH, api: API });
  assert(areDefaultHosts(resolveHosts({})));
});

Deno.test("resolveHosts() prefers KIMI_CODE_OAUTH_HOST, then KIMI_OAUTH_HOST, then the login's host", () => {
  const oauth = (first?: string, second?: string) =>
    resolveHosts({ KIMI_CODE_OAUTH_HOST: first, KIMI_OAUTH_HOST: second }, undefined, KNOWN).oauth;
  assertEquals(oauth("https://a.example/", "https://b.example"), "https://a.example");
  assertEquals(oauth("", "https://b.example"), "https://b.example");
  assertEquals(oauth(), KNOWN.oauth);
});

Deno.test("resolveHosts() prefers the option, then KIMI_CODE_BASE_URL, then the login's API base", () => {
  const api = (option?: string, variable?: string) =>
    resolveHosts({ KIMI_CODE_BASE_URL: variable }, option, KNOWN).api;
  assertEquals(api("https://o.example/v1/", "https://v.example/v1"), "https://o.example/v1");
  assertEquals(api(undefined, " https://v.example/v1// "), "https://v.example/v1");
  assertEquals(api(), KNOWN.api);
});

Deno.test("resolveHosts() ignores an option that is the default of either region", () => {
  for (const option of [API, `${API}/`, "https://API.Kimi.com/coding/v1", GLOBAL_API]) {
    assertEquals(resolveHosts({}, option, KNOWN).api, KNOWN.api);
    assertEquals(
      resolveHosts({ KIMI_CODE_BASE_URL: "https://v.example" }, option).api,
      "https://v.example",
    );
    assertEquals(resolveHosts({}, option).api, API);
  }
});

Deno.test("areDefaultHosts() is true only if both hosts are default", () => {
  assert(!areDefaultHosts({ oauth: OAUTH, api: GLOBAL_API }));
  assert(!areDefaultHosts({ oauth: "https://auth.kimi.ai", api: API }));
});

Deno.test("contract 8: tokens are sent to the hosts of the login's region over https", () => {
  const logins = [[undefined, "com"], [REGIONS.com, "com"], [REGIONS.ai, "ai"]] as const;
  for (const [hosts, own] of logins) {
    const other = own === "com" ? "ai" : "com";
    for (const name of ["", "api.", "auth.", "a.b.", "API."]) {
      assert(isTrusted(`https://${name}kimi.${own}/coding/v1`, hosts), name);
      assert(isTrusted(`https://${name}kimi.${own}:8443/coding/v1`, hosts), name);
      assert(!isTrusted(`http://${name}kimi.${own}/coding/v1`, hosts), name);
      assert(!isTrusted(`https://${name}kimi.${other}/coding/v1`, hosts), name);
    }
  }
});

Deno.test("contract 8: tokens of one region are never sent to the other region's hosts", () => {
  const mixed = { oauth: OAUTH, api: GLOBAL_API };
  assert(isTrusted(OAUTH, mixed));
  assert(!isTrusted(GLOBAL_API, mixed));
  assert(!isTrusted(API, { oauth: "https://auth.kimi.ai", api: API }));
});

Deno.test("contract 8: a login of foreign hosts is sent to a Kimi host only if it was configured", () => {
  assert(!isTrusted(API, KNOWN) && !isTrusted(GLOBAL_API, KNOWN));
  const proxied = { oauth: KNOWN.oauth, api: GLOBAL_API };
  assert(isTrusted(GLOBAL_API, proxied) && !isTrusted(API, proxied));
});

Deno.test("contract 8: the refusal of the other region's host names the host and the login command", () => {
  assertThrows(
    () => assertTrusted(`${GLOBAL_API}/models`),
    KimiError,
    "A kimi.com login is not sent to api.kimi.ai, a host of the other region: unset that host, " +
      "or run opencode auth login -p kimi-for-coding-oauth " +
      '-m "Kimi account (kimi.ai)"',
  );
});

Deno.test("loginHosts() returns configured hosts, and otherwise those of the chosen region", () => {
  assertEquals(loginHosts("com", {}), REGIONS.com);
  assertEquals(loginHosts("ai", {}), REGIONS.ai);
  assertEquals(loginHosts("ai", {}, API), REGIONS.ai);
  const both = { KIMI_CODE_OAUTH_HOST: "https://auth.kimi.ai", KIMI_CODE_BASE_URL: GLOBAL_API };
  assertEquals(loginHosts("com", both), REGIONS.ai);
  assertEquals(loginHosts("ai", {}, KNOWN.api), { oauth: REGIONS.ai.oauth, api: KNOWN.api });
  for (const region of ["com", "ai"] as const) {
    const { api } = REGIONS[region === "com" ? "ai" : "com"];
    const variables = { KIMI_CODE_BASE_URL: api };
    assertThrows(() => loginHosts(region, variables), KimiError, "of the other region");
  }
  assertThrows(
    () => loginHosts("ai", { KIMI_OAUTH_HOST: REGIONS.com.oauth }),
    KimiError,
    "auth.kimi.com does not belong to kimi.ai: unset KIMI_CODE_OAUTH_HOST and KIMI_OAUTH_HOST, or choose kimi.com",
  );
  const junk = { KIMI_CODE_BASE_URL: "junk" };
  assertThrows(
    () => loginHosts("com", junk),
    KimiError,
    '"junk" is not a URL: correct KIMI_CODE_BASE',
  );
});

Deno.test("regionOf() takes the region of the OAuth host, then that of the API", () => {
  assertEquals(regionOf(), "com");
  assertEquals(regionOf(REGIONS.ai), "ai");
  assertEquals(regionOf({ oauth: OAUTH, api: GLOBAL_API }), "com");
  assertEquals(regionOf({ oauth: KNOWN.oauth, api: GLOBAL_API }), "ai");
  assertEquals(regionOf(KNOWN), undefined);
  for (const oauth of ["https://kimi.ai.example", "https://xkimi.ai", "https://kimi.cn", "", "x"]) {
    assertEquals(regionOf({ oauth, api: "" }), undefined, oauth);
  }
});

Deno.test("contract 8: tokens are not sent to hosts that only look like Kimi's", () => {
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

Deno.test("contract 8: loopback is trusted over http too, but not a host that looks like it", () => {
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

Deno.test("contract 8: a host configured at the login is trusted only at its own origin", () => {
  assert(isTrusted("https://auth.example/api/oauth/token", KNOWN));
  assert(isTrusted("https://api.example:8443/v1/chat/completions", KNOWN));
  const others = ["https://api.example/v1", "http://auth.example/", "https://x.auth.example/"];
  for (const url of others) assert(!isTrusted(url, KNOWN), url);
  assert(!isTrusted("https://auth.example/"));
  assert(
    !isTrusted("http://auth.example/", { oauth: "http://auth.example", api: "http://b.example" }),
  );
});

Deno.test("contract 8: the refusal of a host names the host and what to do", () => {
  assertThrows(
    () => assertTrusted("https://evil.example/v1"),
    KimiError,
    "evil.example: it was not configured",
  );
  assertThrows(() => assertTrusted("http://api.kimi.com"), KimiError, "only https is allowed");
  assertThrows(() => assertTrusted("no url"), KimiError, "is not a URL");
  assertEquals(assertTrusted(`${API}/models`).href, `${API}/models`);
});

Deno.test("contract 8: assertTrusted() throws only KimiErrors for arbitrary URLs and hosts", () => {
  const start = fc.constantFrom("", "http://", "https://", "https://kimi.com", "http://127.0.0.1:");
  const url = fc.tuple(start, utf16).map((parts) => parts.join(""));
  fc.assert(fc.property(url, url, url, (url, oauth, api) => {
    const hosts = resolveHosts({ KIMI_CODE_OAUTH_HOST: oauth }, api);
    isTrusted(url, hosts);
    isTrusted(hosts.oauth);
  }));
});
