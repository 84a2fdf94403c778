import { assert, assertEquals, assertMatch } from "@std/assert";
import { startFakeKimi } from "../../support/fake/kimi.ts";
import { SERVED } from "../../support/opencode_v2/host.ts";
import type { Json } from "../../support/opencode_v2/types.ts";
import { ID, settled, type Stage, stage, type StageOptions } from "./stage.ts";

const NATIVE = "@opencode/ai/providers/openai-compatible";

const TOOLS = ["kimi_fetch", "kimi_search"];

/** A stage with the tools, and a login. */
async function withTools(given: StageOptions = {}): Promise<Stage> {
  const at = await stage({ ...given, options: { tools: true } });
  await at.logIn();
  return at;
}

/** The text of a result. */
async function call(at: Stage, name: string, input: unknown): Promise<string> {
  const result = await at.location.call({ session: "ses_1", id: `${name}:0`, name, input });
  return String((result.content as readonly Json[])[0]?.text);
}

/** The names of the tools of each chat. */
function offered({ fake }: Pick<Stage, "fake">): readonly string[][] {
  return fake.requestsOf("chat").map(({ body }) =>
    (JSON.parse(body).tools ?? []).map((tool: Json) => (tool.function as Json).name).sort()
  );
}

Deno.test("the plugin has no tools without the option", async () => {
  await using at = await stage();
  await at.logIn();
  await at.ask();
  assertEquals([at.location.tools(), offered(at)], [[], [[]]]);
});

for (const version of SERVED) {
  Deno.test(`on ${version}, the model is offered both tools, and the services answer`, async () => {
    await using at = await withTools({ version });
    assertEquals((await at.ask()).is, "done");
    assertEquals(offered(at), [TOOLS]);
    assertMatch(await call(at, "kimi_search", { query: "kimi" }), /^Title: /);
    assertMatch(await call(at, "kimi_fetch", { url: "https://a.example/" }), /\S/);
    await settled(at);
    const ids = at.fake.requests.flatMap(({ headers }) =>
      headers.flatMap(([name, value]) => /tool-call-id/i.test(name) ? [value] : [])
    );
    assertEquals(ids, ["kimi_search:0", "kimi_fetch:0"]);
    assertEquals(at.host.notes.log, []);
  });
}

Deno.test("the tools are plain JSON schemas, which a model calls by themselves", async () => {
  await using at = await withTools();
  await at.ask();
  const { tools } = JSON.parse(at.fake.requestsOf("chat")[0]?.body ?? "");
  const search = tools.find((tool: Json) => (tool.function as Json).name === "kimi_search");
  const { properties, required } = search.function.parameters;
  assertEquals([Object.keys(properties), required], [
    ["query", "limit", "include_content"],
    ["query"],
  ]);
});

Deno.test("a request for a title has no tools", async () => {
  await using at = await withTools();
  await at.ask({ kind: "title" });
  assertEquals(offered(at), [[]]);
});

for (const hooksByKind of [true, false]) {
  Deno.test(`other providers' models do not see the tools, ${hooksByKind ? "by" : "without"} hooks of each kind`, async () => {
    const fake = await startFakeKimi({ identity: "any", strictBodies: false });
    await using _closing = { [Symbol.asyncDispose]: () => fake.close() };
    const { access_token: apiKey } = fake.issueTokens();
    const info = { package: NATIVE, settings: { baseURL: fake.apiBase, apiKey } };
    const capabilities = { tools: true, input: ["text"], output: ["text"] };
    const providers = { other: { ...info, models: { any: { modelID: "any", capabilities } } } };
    await using at = await withTools({ config: { providers }, switches: { hooksByKind } });
    const kinds = ["primary", ...hooksByKind ? ["compaction", "generate"] : []];
    for (const kind of kinds) {
      assertEquals((await at.ask({ model: "other/any", kind })).is, "done");
      await at.ask({ kind });
    }
    assertEquals(offered({ fake }), kinds.map(() => []));
    assertEquals(offered(at), kinds.map(() => TOOLS));
    assertEquals(at.environment.logs.filter((line) => line.startsWith("error")), []);
  });
}

const rule = (effect: string, action = "kimi_*", resource = "*") => ({ action, resource, effect });

Deno.test("deny takes a tool out of the list", async () => {
  await using at = await withTools({ config: { permissions: [rule("deny", "kimi_search")] } });
  await at.ask();
  assertEquals(offered(at), [["kimi_fetch"]]);
});

for (
  const [what, permissions, input, expected] of [
    ["the last rule wins", [rule("deny"), rule("allow")], "https://a.example/", /\S/],
    [
      "a pattern of URLs is denied",
      [rule("deny", "kimi_fetch", "https://a.example/*")],
      "https://a.example/x",
      /^The permission kimi_fetch is denied/,
    ],
    [
      "another URL is not",
      [rule("deny", "kimi_fetch", "https://b.example/*")],
      "https://a.example/x",
      /^(?!The permission)/,
    ],
    ["nothing is asked that cannot be", [rule("ask")], "https://a.example/", /lets no plugin ask/],
    [
      "signs of patterns are letters",
      [rule("deny", "kimi_fetch", "https://a.example/x.y")],
      "https://a.example/xzy",
      /^(?!The permission)/,
    ],
    [
      "a pattern may end with a space and a star",
      [rule("deny", "kimi_fetch", "https://a.example/ *")],
      "https://a.example/",
      /is denied/,
    ],
    [
      "a question mark is one letter",
      [rule("deny", "kimi_fetc?")],
      "https://a.example/",
      /is denied/,
    ],
  ] as const
) {
  Deno.test(`a call keeps to the agent's rules: ${what}`, async () => {
    await using at = await withTools({ config: { permissions } });
    const before = at.fake.requests.length;
    const text = await call(at, "kimi_fetch", { url: input });
    assertMatch(text, expected);
    assertEquals(at.fake.requests.length > before, !/^The permission/.test(text));
  });
}

Deno.test("a page that the service cannot read needs the permission webfetch too", async () => {
  await using at = await withTools({ config: { permissions: [rule("deny", "webfetch")] } });
  at.fake.settings.faults.push({
    kind: "fetch",
    times: "always",
    answer: { status: 500, body: {} },
  });
  const text = await call(at, "kimi_fetch", { url: "https://a.example/" });
  assertMatch(text, /^The permission webfetch is denied/);
});

Deno.test("a call that cannot succeed is a result that says why, and never throws", async () => {
  await using at = await withTools();
  assertMatch(await call(at, "kimi_search", {}), /"query" must be/);
  assertMatch(await call(at, "kimi_fetch", { url: "file:///etc/passwd" }), /"url" must be/);
  for (const row of at.host.table.list(ID)) at.host.signOut(row.id);
  at.write({});
  const text = await call(at, "kimi_search", { query: "kimi" });
  assertMatch(text, /^The search failed: .*run opencode auth login kimi-for-coding-oauth --method/);
  const controller = new AbortController();
  controller.abort(new Error("stopped"));
  const aborted = {
    session: "ses_1",
    id: "kimi_search:1",
    name: "kimi_search",
    input: { query: "a" },
  };
  assert((await at.location.call({ ...aborted, signal: controller.signal })).content !== undefined);
});

Deno.test("an account that auth.json does not have serves a tool's call", async () => {
  await using at = await stage({ options: { tools: true } });
  at.addRow();
  assertMatch(await call(at, "kimi_search", { query: "kimi" }), /^Title: /);
});
