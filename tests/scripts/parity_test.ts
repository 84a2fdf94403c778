/** The parity check, if a Python can run kimi-cli, and the differences that it must find. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { KIMI_CLI_VERSION } from "../../lib/kimi/identity/constants.ts";
import { check, firstDifference } from "../../scripts/parity/run.ts";
import { findPython, NO_PYTHON } from "../support/clients/kimi_cli.ts";
import { formOf, requestPairs, shapeOf } from "../../scripts/parity/wire/requests.ts";
import { IDENTITY } from "../support/fake/tests/client.ts";
import type { RecordedRequest, RequestKind } from "../support/fake/types.ts";
import { runProcess } from "../support/process.ts";

const SCRIPT = fromFileUrl(new URL("../../scripts/parity.ts", import.meta.url));
const python = await findPython();

Deno.test({
  name: python === undefined
    ? `deno task parity did not run: ${NO_PYTHON}`
    : "deno task parity --client kimi-cli: the real one and this project send the same",
  ignore: python === undefined,
  async fn() {
    const args = ["run", "--allow-all", SCRIPT, "--client", "kimi-cli"];
    const { code, stdout, stderr } = await runProcess(Deno.execPath(), { args, timeout: 280_000 });
    assertMatch(stdout, /\nkimi-cli parity (\d+)\/\1\n$/, stdout + stderr);
    assertEquals(code, 0, stdout + stderr);
  },
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

const CLIENT = { name: "kimi-cli", version: KIMI_CLI_VERSION } as const;

/** Names of the pairs that differ, and the deviations that were met. */
function compared(theirs: RecordedRequest, ours: RecordedRequest): [string[], string[]] {
  const met: string[] = [];
  const body = theirs.kind === "chat" ? shapeOf : formOf((id) => met.push(id));
  const pairs = requestPairs(CLIENT, theirs, ours, body, (id) => met.push(id));
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
