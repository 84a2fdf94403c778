import { assert, assertEquals, assertMatch } from "@std/assert";
import plugin from "../../../lib/opencode/server.ts";
import { setUp } from "../../../lib/opencode/v2/setup.ts";
import { fakeEnvironment } from "../../support/environment.ts";
import { openHost } from "../../support/opencode_v2/host.ts";
import { ID, QUESTION, settled, stage } from "./stage.ts";

/** The members of the contexts of opencode 1.17.10 to 1.19, measured on 1.18.34. */
const EARLY = [
  "agent",
  "aisdk",
  "catalog",
  "command",
  "integration",
  "plugin",
  "reference",
  "skill",
];

Deno.test("contract 12: the early core of 1.17.10 to 1.19 gets nothing from setup, and no key that it lacks is read", async () => {
  const known = Object.fromEntries(EARLY.map((name) => [name, { transform() {} }]));
  const context = new Proxy({ options: {}, ...known }, {
    get(_, key) {
      throw new Error(`${String(key)} was read`);
    },
  });
  assertEquals(await plugin.setup(context), undefined);
  for (const odd of [undefined, null, 7, {}, { session: {} }, { session: { hook: 1 } }]) {
    assertEquals(await plugin.setup(odd), undefined);
  }
});

Deno.test("contract 12: in a model of that core, the plugin registers nothing", async () => {
  const clock = { now: () => 0, sleep: () => Promise.resolve() };
  await using host = openHost({ version: "1.18", clock, plugins: [{ module: plugin }] });
  const location = await host.location();
  assertEquals(location.plugins().map(({ state }) => state), ["active"]);
  assertEquals([host.notes.early, host.notes.faults, location.models()], [[], [], []]);
});

Deno.test("a host without providers gets nothing, and one line of the log says what it lacks", async () => {
  await using at = await stage({ version: "2.0.0" });
  assertEquals(at.location.integrations().size, 0);
  assertEquals(at.location.plugins().map(({ state }) => state), ["active"]);
  assertEquals(at.environment.logs, [
    "error: opencode-kimi-full needs opencode 2.0.4: this one has no provider.transform",
  ]);
});

Deno.test("setup asks Kimi for nothing and takes no lock; a due login is not refreshed", async () => {
  await using first = await stage();
  await first.logIn();
  await settled(first);
  first.pass(1_000);
  first.fake.forgetRequests();
  await using at = await stage({ beside: first, time: first.environment.time });
  assertEquals(at.fake.requests.length, 0);
  await settled(at);
  assertEquals(at.fake.requests.length, 0, "a token that has expired is not sent either");
});

Deno.test("transforms may be replayed any number of times", async () => {
  await using at = await stage();
  await at.logIn();
  for (let time = 0; time < 20; time++) at.location.replay();
  assertEquals(at.location.plugins().map(({ state }) => state), ["active"]);
  assertEquals(at.location.models(), [`${ID}/kimi-for-coding`]);
  assertEquals((await at.ask()).is, "done");
});

Deno.test("two folders ask for the models once", async () => {
  await using at = await stage();
  await at.logIn();
  await settled(at);
  at.fake.forgetRequests();
  const other = await at.host.location("/other");
  await settled(at);
  assertEquals(at.fake.requestsOf("models").length, 0);
  assertEquals(other.models(), at.location.models());
});

Deno.test("a reload while an answer streams does not end it", async () => {
  await using at = await stage();
  await at.logIn();
  const reached = Promise.withResolvers<void>();
  const turn = at.location.ask({ ...QUESTION, onRead: () => reached.resolve() });
  await reached.promise;
  await at.location.reload();
  assertEquals((await turn.outcome).is, "done");
  assertEquals((await at.ask()).is, "done");
  assertEquals(at.host.events.subscribers(), 1);
  await at.location.evict();
  assertEquals(at.host.events.subscribers(), 0);
});

Deno.test("a plugin that is switched off does nothing", async () => {
  await using at = await stage({ config: { disabled: ["-opencode-kimi-full"] } });
  assertEquals([at.location.integrations().size, at.environment.logs], [0, []]);
});

Deno.test("a wrong option is a line of the log", async () => {
  await using at = await stage({ options: { clinet: 1 } });
  assertEquals(at.environment.logs, ['warn: Option "clinet" is unknown and ignored']);
});

Deno.test("what the user wrote about the provider wins", async () => {
  await using at = await stage({ config: { providers: { [ID]: { name: "Mine" } } } });
  assertEquals(at.location.provider(ID)?.info.name, "Mine");
  assertEquals(at.location.models(), [`${ID}/kimi-for-coding`], "listed before a login");
});

Deno.test("a context length and fields of the body that the user wrote are heeded", async () => {
  const model = { limit: { context: 100_000, output: 1_000 }, body: { custom: 1, top_p: 0.5 } };
  const config = { providers: { [ID]: { models: { "kimi-for-coding": model } } } };
  await using at = await stage({ config });
  at.fake.settings.strictBodies = false;
  await at.logIn();
  assertEquals((await at.ask()).is, "done");
  const body = JSON.parse(at.fake.requestsOf("chat")[0]?.body ?? "");
  assert(body.max_completion_tokens < 100_000);
  assertEquals([body.custom, body.top_p, Object.keys(body).at(-1)], [1, 0.5, "custom"]);
});

Deno.test("contract 12: an editor that throws is a line of the log, and does not disable the plugin", async () => {
  const environment = fakeEnvironment();
  const throwing = () => {
    throw new Error("no such call");
  };
  const domain = { transform: (edit: (editor: object) => void) => Promise.resolve(edit({})) };
  const session = { hook: () => Promise.resolve() };
  const provider = { ...domain, reload: throwing };
  const context = { integration: domain, provider, session };
  const make = (await import("../../../lib/opencode/v2/core.ts")).createCore;
  const state = { cores: new Map(), environment, make: make.bind(undefined, environment) };
  const cleanup = await setUp(context, state);
  assert(typeof cleanup === "function");
  cleanup();
  assertMatch(
    environment.logs.join("\n"),
    /error: The login is missing: .*\nerror: The provider is missing: /,
  );
});

Deno.test("all facts of the models are told, with efforts as variants", async () => {
  await using at = await stage();
  const model = at.location.provider(ID)?.models.get("kimi-for-coding");
  const { limit, capabilities, variants, compatibility } = Object(model);
  assertEquals(limit, { context: 262_144, output: 32_768 });
  assertEquals(capabilities, { tools: true, input: ["text", "image"], output: ["text"] });
  assertEquals(variants.map(({ id }: { id: string }) => id), [
    "off",
    "low",
    "medium",
    "high",
    "max",
  ]);
  assertEquals(variants[3].body, { thinking: { type: "enabled" }, reasoning_effort: "high" });
  assertEquals(compatibility, { reasoningField: "reasoning_content", requireReasoning: false });
  assertEquals(at.location.models(), [], "not offered before a login");
});

Deno.test("/kimi-usage is a message that starts no turn", async () => {
  await using at = await stage();
  await at.logIn();
  await at.location.command("kimi-usage", "ses_1");
  const [message] = at.host.notes.synthetic;
  const { text, ...others } = message!;
  assertMatch(String(text), /\d+% used|resets/);
  assertEquals(others, { sessionID: "ses_1", description: text, resume: false });
  assertEquals(at.fake.requestsOf("usages").length, 1);
});

Deno.test("/kimi-usage says how to log in", async () => {
  await using at = await stage();
  await at.location.command("kimi-usage", "ses_1");
  assertMatch(
    String(at.host.notes.synthetic[0]?.text),
    /^Not logged in to Kimi: run opencode auth login kimi-for-coding-oauth --method oauth/,
  );
});
