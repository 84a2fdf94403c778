import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { currentFiber, permitted } from "../../../lib/opencode/v1/tools/permission.ts";
import { toolParameter } from "../../../lib/opencode/v1/tools/parameter.ts";
import type { Tool, ToolContext } from "../../../lib/opencode/v1/types.ts";
import { plugin, started } from "./fixtures.ts";

const RESULT = { search_results: [{ title: "T", url: "https://a.example/", snippet: "S" }] };

interface Asked extends ToolContext {
  readonly asked: unknown[];
}

/** A context in which the user answers each question the same way. */
function context(answer: () => unknown = () => Promise.resolve()): Asked {
  const asked: unknown[] = [];
  return {
    callID: "kimi_search:0",
    asked,
    ask(request) {
      asked.push(request);
      return answer();
    },
  };
}

/** The tools of a plugin that is logged in, whose services answer so. */
async function tools(
  service: () => Response = () => Response.json(RESULT),
  page: () => Response = service,
) {
  const answer = ({ url }: { readonly url: string }) =>
    url.includes("kimi.com") ? service() : page();
  const made = plugin({ answer, options: { tools: true } });
  await started(made);
  const { kimi_search: search, kimi_fetch: fetch } = made.hooks.tool ?? {};
  assert(search !== undefined && fetch !== undefined);
  const sent = () => made.environment.sent.filter(({ url }) => /\/(search|fetch)$/.test(url));
  return { search, fetch, sent };
}

Deno.test("the plugin has no tools without the option", () => {
  for (const options of [undefined, {}, { tools: false }]) {
    assertEquals("tool" in plugin({ options }).hooks, false);
  }
});

Deno.test("kimi_search asks for its permission, then the service", async () => {
  const { search, sent } = await tools();
  const asking = context();
  const text = await search.execute({ query: "kimi", limit: 99 }, asking);
  assertEquals(text, "Title: T\nURL: https://a.example/\nSummary: S\n");
  const [query, patterns] = [{ query: "kimi" }, ["kimi"]];
  assertEquals(asking.asked, [
    { permission: "kimi_search", patterns, always: ["*"], metadata: query },
  ]);
  const [request] = sent();
  assertEquals(request?.headers["x-msh-tool-call-id"], "kimi_search:0");
  assertMatch(request?.body ?? "", /"limit": 20, "enable_page_crawling": false/);
});

Deno.test("kimi_fetch asks for its permission, then the service", async () => {
  const { fetch, sent } = await tools(() => new Response("# Page"));
  const asking = context();
  assertEquals(await fetch.execute({ url: "https://a.example/x y" }, asking), "# Page");
  assertEquals(sent().map(({ body }) => body), ['{"url": "https://a.example/x%20y"}']);
  assertEquals(JSON.stringify(asking.asked).includes('"permission":"kimi_fetch"'), true);
});

Deno.test("kimi_fetch asks for webfetch's permission before this machine fetches a page", async () => {
  let fetched = 0;
  const { fetch, sent } = await tools(() => new Response("no", { status: 500 }), () => {
    fetched++;
    return new Response("Page");
  });
  const url = "https://a.example/";
  const asking = context();
  assertEquals(await fetch.execute({ url }, asking), "Page");
  const [patterns, metadata] = [[url], { url }];
  assertEquals(asking.asked[1], {
    permission: "webfetch",
    patterns,
    always: ["*"],
    metadata,
  });
  const refusal = new Error("The user rejected permission");
  const refusing = context(() =>
    refusing.asked.length > 1 ? Promise.reject(refusal) : Promise.resolve()
  );
  assertEquals(await assertRejects(() => fetch.execute({ url }, refusing)), refusal);
  assertEquals([sent().length, fetched], [2, 1]);
});

Deno.test("a refused permission ends the call with opencode's own error, and nothing is sent", async () => {
  const { search, fetch, sent } = await tools();
  const refusal = new Error("The user rejected permission");
  const calls: readonly (readonly [Tool, unknown])[] = [
    [search, { query: "kimi" }],
    [fetch, { url: "https://a.example/" }],
  ];
  for (const [tool, args] of calls) {
    const error = await assertRejects(() =>
      tool.execute(args, context(() => Promise.reject(refusal)))
    );
    assertEquals(error, refusal);
  }
  assertEquals(sent(), []);
});

Deno.test("wrong arguments are a result that says what is wrong, without a question", async () => {
  const { search, fetch, sent } = await tools();
  const asking = context();
  for (const args of [undefined, {}, { query: "" }, { query: 7 }]) {
    assertMatch(await search.execute(args, asking), /"query" must be/);
  }
  for (const args of [null, {}, { url: "a" }, { url: "file:///etc/passwd" }]) {
    assertMatch(await fetch.execute(args, asking), /"url" must be/);
  }
  assertEquals([asking.asked, sent()], [[], []]);
});

Deno.test("toolParameter() is a JSON schema, and a type of zod beside it that JSON does not show", () => {
  const schema = { type: "string", description: "What" };
  assertEquals(JSON.stringify(toolParameter(schema)), JSON.stringify(schema));
  const zod = (value: object) => Reflect.get(value, "_zod");
  assertEquals(zod(toolParameter(schema)).toJSONSchema(), schema);
  assertEquals(zod(toolParameter(schema)).optin, undefined);
  assertEquals(zod(toolParameter(schema, true)).optin, "optional");
  assertEquals(zod(toolParameter(schema)).run({ value: 1 }), { value: 1 });
});

/** A fiber of Effect's form, which ends as the effect says. */
class Fiber {
  #exit: unknown;
  constructor(readonly context: unknown) {}
  evaluate(effect: { readonly exit: unknown }) {
    this.#exit = effect.exit;
  }
  addObserver(observer: (exit: unknown) => void) {
    observer(this.#exit);
  }
}

Deno.test("permitted() runs an Effect on a fiber like the one that runs the tool", async () => {
  const running = new Fiber("context");
  await permitted({ exit: { _tag: "Success" } }, running);
  const refusal = new Error("The user rejected permission");
  for (const reason of [{ defect: refusal }, { error: refusal }]) {
    const exit = { _tag: "Failure", cause: { reasons: [reason] } };
    assertEquals(await assertRejects(() => permitted({ exit }, running)), refusal);
  }
  const exit = { _tag: "Failure", cause: {} };
  await assertRejects(() => permitted({ exit }, running), Error, "did not give the permission");
});

Deno.test("permitted() refuses if it cannot ask", async () => {
  for (const [asked, fiber] of [[{}, undefined], [undefined, new Fiber(1)], [{}, {}]]) {
    await assertRejects(() => permitted(asked, fiber), Error, "no way to ask");
  }
  assertEquals(currentFiber(), undefined);
});
