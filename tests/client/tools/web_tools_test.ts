import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { webFetch, webSearch } from "../../../lib/client/tools/web_tools.ts";
import { KIMI_CLI_HEADERS } from "../../support/environment.ts";
import { startServices, startSite } from "./fixtures.ts";

const QUERY = { query: "kimi 名", limit: 5, withContent: false };
const CALL = { id: "kimi_search:0" };

/** Headers of a request by their names, as received. */
function headersOf(request: { readonly headers: readonly (readonly [string, string])[] }) {
  return new Map(request.headers.map(([name, value]) => [name.toLowerCase(), value]));
}

const NAMES = ["accept", "content-type", "x-msh-tool-call-id", ...Object.keys(KIMI_CLI_HEADERS)];

const ENGLISH = '{"text_query": "kimi \\u540d", "limit": 5, "enable_page_crawling": false, ' +
  '"timeout_seconds": 30}';

Deno.test("contract 7: webSearch() sends kimi-cli's headers and body, byte for byte", async () => {
  await using services = await startServices();
  await webSearch(services.access, QUERY, CALL);
  const [request] = services.kimi.requestsOf("search");
  assert(request !== undefined);
  assertEquals([request.status, request.path, request.body], [200, "/coding/v1/search", ENGLISH]);
  const headers = headersOf(request);
  for (const name of ["connection", "host", "content-length", "accept-encoding", "authorization"]) {
    headers.delete(name);
  }
  // Deno's fetch adds it; kimi-cli's library sends none.
  headers.delete("accept-language");
  assertEquals([...headers.keys()].sort(), NAMES.toSorted());
  assertEquals(headers.get("x-msh-tool-call-id"), "kimi_search:0");
});

Deno.test("contract 7: webSearch() and webFetch() send kimi-code's bodies under its identity", async () => {
  await using services = await startServices("kimi-code");
  assertMatch(await webSearch(services.access, QUERY, CALL), /^Title: Kimi Code/);
  assertMatch(await webFetch(services.access, "https://example.com/", CALL), /^# The fake page/);
  const bodies = services.kimi.requests.map(({ kind, body }) => [kind, body]);
  assertEquals(bodies, [
    ["search", '{"text_query":"kimi 名"}'],
    ["fetch", '{"url":"https://example.com/"}'],
  ]);
});

Deno.test("webSearch() under this package's own name sends nothing of kimi-cli's in the headers", async () => {
  await using services = await startServices("opencode");
  assertMatch(await webSearch(services.access, QUERY, CALL), /^Title: Kimi Code/);
  const [request] = services.kimi.requestsOf("search");
  assert(request !== undefined);
  assertEquals([...headersOf(request).keys()].filter((name) => name.startsWith("x-msh")), []);
});

Deno.test("webSearch() gives the results, and their pages if asked for", async () => {
  await using services = await startServices();
  const { access } = services;
  const first = "Title: Kimi Code\nDate: 2026-11-01\nSite: Kimi\nURL: https://www.kimi.com/code\n" +
    "Summary: The plan for coding agents.\n";
  const second = "Title: opencode\nURL: https://opencode.ai/\nSummary: An agent.\n";
  assertEquals(await webSearch(access, QUERY, CALL), `${first}\n---\n\n${second}`);
  assertEquals(
    await webSearch(access, { ...QUERY, limit: 1, withContent: true }, CALL),
    `${first}\nText of https://www.kimi.com/code\n`,
  );
  const nothing = { ...QUERY, query: "nothing" };
  assertEquals(await webSearch(access, nothing, CALL), "Nothing was found.");
});

Deno.test("contract 10: a 401 of a search makes one refresh and one second request", async () => {
  await using services = await startServices();
  services.kimi.expireAccessTokens();
  assertMatch(await webSearch(services.access, QUERY, CALL), /^Title/);
  assertEquals(services.kimi.requestsOf("search").map(({ status }) => status), [401, 200]);
  assertEquals(services.kimi.refreshes, 1);
});

Deno.test("contract 13: what Kimi says of a failed search is the tool's result", async () => {
  await using services = await startServices();
  const { kimi, access } = services;
  const error = { message: "You've reached your usage limit for this billing cycle" };
  const quota = { status: 403, body: { error: { ...error, type: "access_terminated_error" } } };
  kimi.settings.faults.push({ kind: "search", answer: quota });
  assertMatch(await webSearch(access, QUERY, CALL), /^The search failed: Search: .*limit/);
  kimi.settings.faults.push({ kind: "search", answer: "html" });
  assertMatch(await webSearch(access, QUERY, CALL), /^The search failed: Search: /);
  kimi.settings.faults.push({ kind: "search", answer: { status: 200, body: { other: 1 } } });
  assertMatch(await webSearch(access, QUERY, CALL), /holds no results/);
  // Deno sends a POST again by itself over a connection that it used before.
  kimi.settings.keepAlive = false;
  await webSearch(access, QUERY, CALL);
  kimi.settings.faults.push({ kind: "search", answer: "drop-before" });
  assertMatch(await webSearch(access, QUERY, CALL), /^The search failed: Search: /);
});

Deno.test("an abort ends a search with an error", async () => {
  await using services = await startServices();
  services.kimi.settings.faults.push({ kind: "search", answer: "hang" });
  const controller = new AbortController();
  const searching = webSearch(services.access, QUERY, { ...CALL, signal: controller.signal });
  controller.abort();
  await assertRejects(() => searching);
});

Deno.test("webFetch() gives the page that the service read", async () => {
  await using services = await startServices();
  const page = await webFetch(services.access, "https://example.com/a", { id: "kimi_fetch:1" });
  assertEquals(page, "# The fake page\n\nIts text.\n");
  const [request] = services.kimi.requestsOf("fetch");
  assert(request !== undefined);
  assertEquals(request.body, '{"url": "https://example.com/a"}');
  const headers = headersOf(request);
  assertEquals(headers.get("accept"), "text/markdown");
  assertEquals(headers.get("x-msh-tool-call-id"), "kimi_fetch:1");
});

const HTML = "<html><head><title>A &amp; B</title><script>x</script></head><body><h1>Head</h1>" +
  "<p>One <b>line</b></p><!-- no --></body></html>";

Deno.test("webFetch() reads the page itself if the service fails, and sends no token there", async () => {
  await using services = await startServices();
  let seen: Headers | undefined;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, ({ headers }) => {
    seen = headers;
    return new Response(HTML, { headers: { "content-type": "text/html; charset=utf-8" } });
  });
  services.kimi.settings.faults.push({ kind: "fetch", answer: { status: 500 } });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  assertEquals(await webFetch(services.access, url, CALL), "A & B\nHead\nOne line");
  assertEquals([...seen?.keys() ?? []].filter((name) => /^(authorization|x-msh)/.test(name)), []);
  await server.shutdown();
});

for (
  const [what, answer, expected] of [
    [
      "answers 404",
      () => new Response("no", { status: 404 }),
      /could not be fetched: HTTP 404 from/,
    ],
    [
      "is not text",
      () => new Response("x", { headers: { "content-type": "image/png" } }),
      /could not be fetched: it is not text, but image\/png/,
    ],
    [
      "is larger than 5 MB",
      () =>
        new Response("x".repeat(5 * 1024 * 1024 + 1), {
          headers: { "content-type": "text/plain" },
        }),
      /could not be fetched: it is larger than 5 MB/,
    ],
  ] as const
) {
  Deno.test(`webFetch() says why if the service fails and the page ${what}`, async () => {
    await using services = await startServices();
    await using site = startSite(answer);
    services.kimi.settings.faults.push({ kind: "fetch", answer: { status: 500 } });
    const text = await webFetch(services.access, site.url, CALL);
    assertMatch(text, expected);
    assertMatch(text, /\nThe service did not fetch it: Fetch: /);
  });
}

Deno.test("webFetch() reads no file of this machine", async () => {
  await using services = await startServices();
  for (const url of [import.meta.url, "data:text/plain,hi", "/etc/hosts"]) {
    services.kimi.settings.faults.push({ kind: "fetch", answer: { status: 500 } });
    const text = await webFetch(services.access, url, CALL);
    assertMatch(text, /^The page could not be fetched: it is not an http or https URL\n/);
  }
});

Deno.test("webFetch() cuts a page after 100,000 characters, and says so", async () => {
  await using services = await startServices();
  await using site = startSite(() => new Response("x".repeat(100_010)));
  services.kimi.settings.faults.push({ kind: "fetch", answer: { status: 500 } });
  const text = await webFetch(services.access, site.url, CALL);
  assert(text.endsWith("x\n[10 more characters were left out]"), text.slice(-60));
});
