/** The parity check, if a Python can run kimi-cli, and the differences that it must find. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { KIMI_CLI_VERSION, KIMI_CODE_VERSION } from "../../lib/kimi/identity/constants.ts";
import { parseArgs } from "../../scripts/parity/args.ts";
import { familyPairs } from "../../scripts/parity/family.ts";
import { check, firstDifference } from "../../scripts/parity/run.ts";
import { findPython, NO_PYTHON } from "../support/clients/kimi_cli.ts";
import { NO_NODE, NODE_VERSION } from "../support/clients/kimi_code.ts";
import type { RealClientName } from "../support/clients/real_client.ts";
import { nodePackage } from "../support/tools.ts";
import { formOf, requestPairs, shapeOf } from "../../scripts/parity/wire/requests.ts";
import { HELLO, IDENTITY } from "../support/fake/tests/client.ts";
import type { RecordedRequest, RequestKind } from "../support/fake/types.ts";
import { runProcess } from "../support/process.ts";

const SCRIPT = fromFileUrl(new URL("../../scripts/parity.ts", import.meta.url));
const python = await findPython();

const MISSING: Readonly<Record<RealClientName, string | undefined>> = {
  "kimi-cli": python === undefined ? NO_PYTHON : undefined,
  "kimi-code": codeMissing(),
};

function codeMissing(): string | undefined {
  if (Deno.build.os === "windows") return "it was never tried on Windows";
  return nodePackage(NODE_VERSION) === undefined ? NO_NODE : undefined;
}

for (const [client, missing] of Object.entries(MISSING)) {
  Deno.test({
    name: missing === undefined
      ? `deno task parity --client ${client}: the real one and this project send the same`
      : `deno task parity --client ${client} did not run: ${missing}`,
    ignore: missing !== undefined,
    async fn() {
      const args = ["run", "--allow-all", SCRIPT, "--client", client];
      const how = { args, timeout: 280_000 };
      const { code, stdout, stderr } = await runProcess(Deno.execPath(), how);
      assertMatch(stdout, new RegExp(`\n${client} parity (\\d+)/\\1\n$`), stdout + stderr);
      assertEquals(code, 0, stdout + stderr);
    },
  });
}

Deno.test("parseArgs() reads which clients are compared, and refuses what it does not know", () => {
  assertEquals(parseArgs([]), { clients: ["kimi-cli", "kimi-code"], write: false });
  assertEquals(parseArgs(["--write", "--client", "kimi-code"]), {
    clients: ["kimi-code"],
    write: true,
  });
  assertEquals(parseArgs(["--client", "kimi-code", "--release", "2.2.0"]), {
    clients: ["kimi-code"],
    release: "2.2.0",
    write: false,
  });
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["--other"], /^Unknown argument --other\. Use /],
    [["--client"], /^There is no client "" to compare with\. Use /],
    [["--client", "opencode"], /^There is no client "opencode"/],
    [["--release", "2.2.0"], /^--release needs --client/],
    [["--client", "kimi-cli", "--release", "newest"], /^"newest" is not a release/],
    [["--client", "kimi-cli", "--release", "1.5.0", "--write"], /move the pin first/],
  ];
  for (const [args, message] of wrong) assertMatch(String(parseArgs(args)), message);
});

type Headers = Readonly<Record<string, string>>;

function request(kind: RequestKind, headers: Headers, body: string): RecordedRequest {
  const answered = { status: 200, answer: "", aborted: false };
  return {
    at: 0,
    method: "POST",
    path: "/",
    headers: Object.entries(headers),
    body,
    kind,
    ...answered,
  };
}

const KIMI_CLI = { name: "kimi-cli", version: KIMI_CLI_VERSION } as const;

/** Names of the pairs that differ, and the deviations that were met. */
function compared(
  theirs: RecordedRequest,
  ours: RecordedRequest,
  client: Parameters<typeof requestPairs>[0] = KIMI_CLI,
): [string[], string[]] {
  const met: string[] = [];
  const body = theirs.kind === "chat" ? shapeOf : formOf((id) => met.push(id));
  const pairs = requestPairs(client, theirs, ours, body, (id) => met.push(id));
  return [pairs.filter((pair) => pair.theirs !== pair.ours).map(({ name }) => name), met];
}

Deno.test("firstDifference() returns the first difference, and 60 characters around it", () => {
  const text = "x".repeat(100);
  const around = { offset: 50, theirs: `…${"x".repeat(60)}…` };
  const ours = `…${"x".repeat(30)}y${"x".repeat(29)}…`;
  assertEquals(firstDifference(text, `${text.slice(0, 50)}y${text.slice(51)}`), {
    ...around,
    ours,
  });
  assertEquals(firstDifference("ab", "abc"), { offset: 2, theirs: "ab", ours: "abc" });
  assertEquals(firstDifference(text, text), undefined);
});

Deno.test("check() without pairs is a difference", () => {
  assertEquals(check("kind", "what", []).unequal.length, 1);
});

/** A body that the service takes, and one that it refuses, apart from their tools. */
const TAKEN = JSON.stringify(HELLO);
const REFUSED = JSON.stringify({ ...HELLO, messages: [{ role: "user", content: "" }] });

Deno.test("check() takes another body for a repair only if the service refuses the client's", () => {
  const checked = (theirs: string, ours: string) => {
    const { count, unequal, repaired } = check("kind", "what", [{ name: "one", theirs, ours }]);
    return [count, unequal.length, repaired.length];
  };
  assertEquals(checked(TAKEN, TAKEN), [1, 0, 0]);
  assertEquals(checked(REFUSED, TAKEN), [1, 0, 1]);
  assertEquals(checked(TAKEN, REFUSED), [1, 1, 0]);
  assertEquals(checked(TAKEN, TAKEN.replace("hello", "other")), [1, 1, 0]);
});

Deno.test("check() takes a body for a repair if the client throws, and the service takes it", () => {
  const theirs = JSON.stringify({ throws: "Mixed types" });
  const checked = (ours: string) => check("kind", "what", [{ name: "one", theirs, ours }]);
  assertEquals(checked(TAKEN).repaired, ["it throws: Mixed types"]);
  assertEquals(checked(`${TAKEN}\n${TAKEN}`).unequal, []);
  assertEquals(checked(REFUSED).unequal.length, 1);
  assertEquals(checked("not sent: no").unequal.length, 1);
});

Deno.test("a case differs by what its deviation names, and by nothing else", async () => {
  const results = { job: ["a 1 b", "a 1 b", "a 1 c", "a 2 b"] };
  const pairs = await familyPairs({
    ...{ job: "job", kind: "kind", compared: "what", contracts: [] },
    cases: () => ["known", "other", "known", "known"].map((name) => ({ name })),
    ours: () => "a 2 b",
    differing: [{ deviation: "results", cases: /^known$/, apart: /\d/g }],
  }, results);
  assertEquals(pairs.map(({ deviation }) => deviation), [
    "results",
    undefined,
    undefined,
    "results",
  ]);
  const { count, deviating, unequal } = check("kind", "what", pairs);
  assertEquals([count, deviating.length], [2, 2]);
  assertEquals(unequal.map(({ name, ours }) => `${name} ${ours}`), [
    "other a 2 b",
    "known a 2 b",
    "known does not",
  ]);
});

Deno.test("parity accepts a deviation only on its own kind of request", () => {
  const agent = { ...IDENTITY, "User-Agent": "Python/3.13 aiohttp/3.13.3" };
  const form = "client_id=c";
  const scoped = `${form}&scope=kimi-code`;
  assertEquals(compared(request("device", agent, form), request("device", IDENTITY, scoped)), [
    [],
    ["user-agent", "scope"],
  ]);
  assertEquals(compared(request("poll", agent, form), request("poll", IDENTITY, scoped)), [
    ["body"],
    ["user-agent"],
  ]);
  assertEquals(compared(request("chat", agent, "{}"), request("chat", IDENTITY, "{}")), [
    ["headers"],
    [],
  ]);
  const stainless = { ...IDENTITY, "X-Stainless-Lang": "js" };
  assertEquals(compared(request("chat", IDENTITY, "{}"), request("chat", stainless, "{}")), [
    ["headers"],
    [],
  ]);
});

Deno.test("parity takes names of kimi-code's headers in any case, and its release for the pinned one", () => {
  const of = (version: string) => ({ ...IDENTITY, "User-Agent": `kimi-code-cli/${version}` });
  const theirs = request("chat", { ...of("2.2.0"), "accept-language": "*" }, "{}");
  const lower = theirs.headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  const ours = request("chat", of(KIMI_CODE_VERSION), "{}");
  const client = { name: "kimi-code", version: "2.2.0" } as const;
  assertEquals(compared({ ...theirs, headers: lower }, ours, client), [[], ["transport"]]);
  assertEquals(compared(theirs, request("chat", of("2.3.0"), "{}"), client), [["headers"], [
    "transport",
  ]]);
  const bare = request("models", { "User-Agent": `kimi-code-cli/${KIMI_CODE_VERSION}` }, "");
  const listing = compared(request("models", of("2.2.0"), ""), bare, client);
  assertEquals([listing[0], new Set(listing[1])], [[], new Set(["listing"])]);
  assertEquals(
    compared({ ...theirs, kind: "chat" }, { ...bare, kind: "chat", body: "{}" }, client)[0],
    ["headers"],
  );
});

Deno.test("parity finds a header with another value, case or number", () => {
  const theirs = request("chat", IDENTITY, "{}");
  const changes: readonly RecordedRequest["headers"][] = [
    [...theirs.headers, ["X-Session-Id", "ses_1"]],
    [...theirs.headers, ["X-Msh-Platform", "kimi_cli"]],
    theirs.headers.slice(1),
    theirs.headers.map(([name, value]) => [name, value.replace("1.51.0", "1.50.0")]),
    theirs.headers.map(([name, value]) => [name.toLowerCase(), value]),
  ];
  for (const headers of changes) {
    assertEquals(compared(theirs, { ...theirs, headers }), [["headers"], []]);
  }
  assertEquals(compared(theirs, { ...theirs, headers: theirs.headers.toReversed() }), [[], []]);
});

Deno.test("parity finds keys in another order, of another type, or too many", () => {
  const body = {
    messages: [{ role: "user", content: "a" }, { role: "tool", content: "b", tool_call_id: "c" }],
    model: "kimi-for-coding",
    max_completion_tokens: 5,
    stream: true,
    tools: [{ type: "function", function: { name: "f", description: "", parameters: {} } }],
    thinking: { type: "enabled" },
  };
  const [user, tool] = body.messages;
  assert(user && tool);
  const { model, ...rest } = body;
  const changes = [
    { ...rest, model },
    { ...body, temperature: 1 },
    { ...body, max_completion_tokens: "5" },
    { ...body, stream: false },
    { ...body, thinking: { type: "disabled" } },
    { ...body, messages: [user, { role: "tool", tool_call_id: "c", content: "b" }] },
    { ...body, messages: [{ ...user, content: null }, tool] },
    { ...body, tools: [...body.tools, { type: "function", function: { name: "g" } }] },
  ];
  const theirs = request("chat", IDENTITY, JSON.stringify(body));
  for (const change of changes) {
    const ours = { ...theirs, body: JSON.stringify(change) };
    assertEquals(compared(theirs, ours), [["body"], []], ours.body);
  }
  const texts = JSON.stringify({ ...body, messages: [{ ...user, content: "other" }, tool] });
  assertEquals(compared(theirs, { ...theirs, body: texts }), [[], []]);
});
