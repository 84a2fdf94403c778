/** `doctor --mcp`: the tools of MCP servers, judged as the wire judges them. */

import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { askMcpServers } from "../../../lib/cli/doctor/collect/mcp/servers.ts";
import { config, diagnosed } from "./fixtures.ts";
import { buildReport } from "../../../lib/cli/doctor/report/build.ts";
import { startFakeKimi } from "../../support/fake/kimi.ts";
import { answerTo } from "./mcp_server.ts";
import { doctorJson, healthyHome, IN_HOME } from "./process.ts";

const SERVER = fromFileUrl(new URL("./mcp_server.ts", import.meta.url));

const command = (
  pages: unknown,
) => [Deno.execPath(), "run", "--quiet", SERVER, JSON.stringify(pages)];

const WRITES_ZEROS = "for (;;) Deno.stdout.writeSync(new Uint8Array(65536).fill(48))";
const IGNORES_SIGTERM = "trap '' TERM; while :; do sleep 0.1; done";

const FINE = { name: "list", inputSchema: { type: "object", properties: {} } };
const UNTYPED = { name: "unit", inputSchema: { properties: { v: { enum: ["kg", null] } } } };
const HUGE = { name: "huge", inputSchema: { description: "x".repeat(130_000) } };

async function asked(
  mcp: Readonly<Record<string, unknown>>,
  { signal = new AbortController().signal, timeout = 30_000 } = {},
) {
  const diagnosis = await diagnosed(config({ mcp }));
  const servers = await askMcpServers(diagnosis.machine.config, fetch, signal, timeout);
  const context = { ...diagnosis, online: undefined, mcp: servers };
  const { findings, mcp: shown } = buildReport(context, { request: false, runtime: "Test 1" });
  return { findings: findings.map(({ id, what, fix }) => ({ id, what, fix })), shown };
}

Deno.test("doctor --mcp names the tools of a local server that are refused or repaired", async () => {
  const { findings, shown } = await asked({
    docs: { type: "local", command: command([[FINE, UNTYPED], [HUGE]]) },
    off: { type: "local", command: ["/nonexistent"], enabled: false },
  });
  assertEquals(shown, [{ name: "docs", tools: 3 }]);
  assertEquals(findings.map(({ id }) => id), ["mcp-tool", "mcp-repaired"]);
  assertMatch(
    findings[0]?.what ?? "",
    /^Kimi refuses the tool "docs_huge": its parameters: it is longer/,
  );
  assertMatch(findings[0]?.fix ?? "", /^Disable the tool/);
  assertMatch(findings[1]?.what ?? "", /^1 of 3 tools of the MCP server "docs" .*: unit$/);
});

/** An event in pieces, over several lines, in a stream that does not end. */
function openStream(answer: object, headers: Record<string, string>): Response {
  const data = JSON.stringify(answer, null, 1).replaceAll("\n", "\r\ndata: ");
  const event = new TextEncoder().encode(`event: message\r\ndata: ${data}\r\n\r\n`);
  const pieces = [...event].map((byte) => Uint8Array.of(byte));
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece !== undefined) controller.enqueue(piece);
      return piece === undefined ? new Promise(() => {}) : undefined;
    },
  });
  return new Response(body, { headers: { ...headers, "content-type": "text/event-stream" } });
}

Deno.test("doctor --mcp asks a remote server, whether it answers JSON or an event stream that stays open", async () => {
  for (const isStream of [false, true]) {
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      async (request) => {
        if (request.headers.get("x-key") !== "k") return new Response("", { status: 401 });
        const message = await request.json();
        if (message.method !== "initialize") {
          assertEquals(request.headers.get("mcp-session-id"), "s1");
        }
        const answer = answerTo(message, [[FINE]]);
        if (answer === undefined) return new Response(null, { status: 202 });
        const headers = { "mcp-session-id": "s1" };
        return isStream ? openStream(answer, headers) : Response.json(answer, { headers });
      },
    );
    const url = `http://127.0.0.1:${server.addr.port}/mcp`;
    const { findings, shown } = await asked({
      web: { type: "remote", url, headers: { "X-Key": "k" } },
      locked: { type: "remote", url },
    });
    assertEquals(shown, [{ name: "web", tools: 1 }, { name: "locked", tools: null }]);
    assertEquals(findings.map(({ id }) => id), ["mcp-unread"]);
    assertMatch(findings[0]?.what ?? "", /"locked" did not list its tools: it answered HTTP 401$/);
  }
});

Deno.test("a server that does not answer is a note, and ends nothing", async () => {
  const { findings, shown } = await asked({
    gone: { type: "local", command: ["/nonexistent"] },
    quits: { type: "local", command: [Deno.execPath(), "eval", "Deno.exit(3)"] },
    secret: { type: "local", command: ["x", "{env:KEY}"] },
    odd: "nothing",
    words: { type: "local", command: "npx server" },
    nowhere: { type: "remote", url: "x y" },
    endless: { type: "local", command: [Deno.execPath(), "eval", WRITES_ZEROS] },
  });
  assertEquals(shown?.map(({ tools }) => tools), Array(7).fill(null));
  assertEquals(findings.map(({ id }) => id), Array(7).fill("mcp-unread"));
  const said = findings.map(({ what }) => what).join("\n");
  assertMatch(said, /"gone" .*: it cannot be started: /);
  assertMatch(said, /"quits" .*: it ended with 3$/m);
  assertMatch(said, /"secret" .*: its entry has a placeholder$/m);
  assertMatch(said, /"odd" .*: "command" of its entry is not a list of words$/m);
  assertMatch(said, /"words" .*: "command" of its entry is not a list of words$/m);
  assertMatch(said, /"nowhere" .*: "url" of its entry is not a URL$/m);
  assertMatch(said, /"endless" .*: it writes a line without an end$/m);
});

Deno.test("a server that hangs and ignores SIGTERM is ended, and told as one that does not answer", async () => {
  const pid = await Deno.makeTempFile({ prefix: "kimi-mcp-" });
  const stays = { type: "local", command: ["sh", "-c", `echo $$ > ${pid}; ${IGNORES_SIGTERM}`] };
  const { findings } = await asked({ stays }, { timeout: 500 });
  assertMatch(findings[0]?.what ?? "", /"stays" .*: it did not answer within 0.5 s$/);
  const number = Number(await Deno.readTextFile(pid));
  await Deno.remove(pid);
  assertThrows(() => Deno.kill(number, "SIGCONT"), Deno.errors.NotFound);
});

Deno.test("more tools than Kimi takes are a problem", async () => {
  const tools = Array.from({ length: 129 }, (_, index) => ({ ...FINE, name: `t${index}` }));
  const { findings } = await asked({ many: { type: "local", command: command([tools]) } });
  assertEquals(findings.map(({ id }) => id), ["mcp-many"]);
});

Deno.test("a parameter whose schema is true or false is a problem: opencode drops the server's tools", async () => {
  const inputSchema = { type: "object", properties: { plain: {}, any: true } };
  const tools = [FINE, { ...FINE, name: "odd", inputSchema }];
  const { findings } = await asked({ docs: { type: "local", command: command([tools]) } });
  assertEquals(findings.map(({ id }) => id), ["mcp-lost", "mcp-repaired"]);
  assertMatch(
    findings[0]?.what ?? "",
    /^opencode drops all tools of the MCP server "docs" .* that of "any" of odd is true or false$/,
  );
});

Deno.test("Ctrl-C ends the servers", async () => {
  const silent = [Deno.execPath(), "eval", "setInterval(() => {}, 1000)"];
  const ctrlC = new AbortController();
  const ended = asked({ silent: { type: "local", command: silent } }, ctrlC);
  ctrlC.abort(new Error("Ctrl-C"));
  await assertRejects(() => ended, Error, "Ctrl-C");
});

for (const runtime of ["Node", "Bun", "Deno"] as const) {
  Deno.test(`doctor --mcp works under ${runtime}, and without it no server is started`, async () => {
    await using fake = await startFakeKimi();
    await using home = await healthyHome(fake);
    const mcp = { docs: { type: "local", command: command([[UNTYPED]]), environment: { A: "1" } } };
    await home.write(IN_HOME.config, JSON.stringify({ plugin: ["opencode-kimi-full"], mcp }));
    const options = { home, kimi: fake, runtime, ...(runtime === "Deno" ? { flags: ["-A"] } : {}) };
    const { report } = await doctorJson(["--mcp"], options);
    assertEquals(report.mcp, [{ name: "docs", tools: 1 }]);
    assertEquals(report.findings.map(({ id }) => id), ["mcp-repaired"]);
    assert((await doctorJson([], options)).report.mcp === undefined);
  });
}

Deno.test("Deno without its flags does not start a server, and says which flag it needs", async () => {
  await using fake = await startFakeKimi();
  await using home = await healthyHome(fake);
  const mcp = { docs: { type: "local", command: command([[FINE]]) } };
  await home.write(IN_HOME.config, JSON.stringify({ plugin: ["opencode-kimi-full"], mcp }));
  const { code, report } = await doctorJson(["--mcp"], { home, kimi: fake });
  assertMatch(report.findings.at(-1)?.what ?? "", /Deno needs --allow-(?:env|run)$/);
  assertEquals(code, 0);
});
