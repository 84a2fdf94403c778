/** What the account has: kept for the next start, and offered whole with `discover`. */

import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { type Answer, NOW } from "../support/environment.ts";
import { isObject, type JsonObject, objectOf } from "../../lib/kimi/util/json.ts";
import { entryOf, FIRST, offered, OTHER, service, start } from "./v1/account.ts";
import { ask, body, ID, type Plugin, settled } from "./v1/fixtures.ts";

const DAY = 86_400_000;
const DISCOVER = { options: { discover: true } };

Deno.test("with discover, the second start offers exactly what the account has", async () => {
  const first = start(entryOf("u1"), DISCOVER);
  assertEquals((await offered(first)).ids, ["kimi-for-coding"]);
  const second = start(entryOf("u1"), { ...DISCOVER, before: first });
  const { models } = await offered(second);
  const variants = (...names: readonly string[]) =>
    names.map((name): [string, JsonObject] => [
      name,
      name === "default"
        ? {}
        : name === "off"
        ? { thinking: { type: "disabled" } }
        : { reasoningEffort: name, thinking: { type: "enabled" } },
    ]);
  const disabled = (...names: readonly string[]) =>
    names.map((name): [string, JsonObject] => [name, { disabled: true }]);
  const common = { tool_call: true };
  assertEquals(Object.entries(models), [
    ["kimi-for-coding", {
      ...{ name: "K2.8 Preview", limit: { context: 1_048_576, output: 32_768 }, ...common },
      ...{ attachment: true, reasoning: true },
      modalities: { input: ["text", "image"], output: ["text"] },
      variants: Object.fromEntries([
        ...variants("default", "off", "low", "high", "max"),
        ...disabled("medium"),
      ]),
    }],
    ["k3-256k", {
      ...{ name: "Kimi K3", limit: { context: 131_072, output: 131_072 }, ...common },
      ...{ attachment: false, reasoning: true },
      modalities: { input: ["text"], output: ["text"] },
      variants: Object.fromEntries([
        ...variants("default", "max", "low"),
        ...disabled("medium", "high"),
      ]),
    }],
    ["kimi-plain", {
      ...{ name: "kimi-plain", limit: { context: 262_144, output: 32_768 }, ...common },
      ...{ attachment: false, reasoning: false },
      modalities: { input: ["text"], output: ["text"] },
      variants: Object.fromEntries(disabled("low", "medium", "high")),
    }],
  ]);
  const order = Object.values(models).map((model) =>
    isObject(model) && isObject(model.variants) ? Object.keys(model.variants).join() : ""
  );
  assertEquals(order[0], "default,off,low,high,max,medium");
  assertEquals([first.environment.logs, second.environment.logs], [[], []]);
});

Deno.test("contract 8: the cache file holds neither a token nor the account's id", async () => {
  const made = start(entryOf("user-0042"), DISCOVER);
  await offered(made);
  const text = made.environment.kept.text ?? "";
  assertMatch(text, /"account": "[0-9a-f]{16}"/);
  assertNotMatch(text, /SECRET|user-0042|dXNlci0wMDQy/);
});

Deno.test("an unchanged list is written once a day", async () => {
  const first = start(entryOf("u1"), DISCOVER);
  await offered(first);
  assertEquals(first.environment.kept.writes, 1);
  for (const [later, writes] of [[0, 0], [DAY - 1, 0], [DAY, 1]] as const) {
    const next = start(
      entryOf("u1", { expires: NOW + later + 900_000 }),
      { ...DISCOVER, before: first },
    );
    next.environment.time += later;
    await offered(next);
    assertEquals(next.environment.kept.writes, writes, `${later}`);
  }
});

Deno.test("a list of another account or region is not offered and stays cached", async () => {
  const first = start(entryOf("u1"), DISCOVER);
  await offered(first);
  const ai = { enterpriseUrl: "https://auth.kimi.ai https://api.kimi.ai/coding/v1" };
  const answer = service([FIRST]);
  const other = start(entryOf("u2"), { ...DISCOVER, before: first, answer });
  assertEquals((await offered(other)).ids, ["kimi-for-coding"]);
  const abroad = start(entryOf("u1", ai), { ...DISCOVER, before: other, answer });
  const { models, ids } = await offered(abroad);
  assertEquals(ids, ["kimi-for-coding"]);
  assertEquals(
    isObject(models["kimi-for-coding"]) && models["kimi-for-coding"].name,
    "Kimi for Coding",
  );
  const back = start(entryOf("u1"), { ...DISCOVER, before: abroad });
  assertEquals((await offered(back)).ids, ["kimi-for-coding", "k3-256k", "kimi-plain"]);
});

Deno.test("without a login, the list of the last login is not offered", async () => {
  const first = start(entryOf("u1"), DISCOVER);
  await offered(first);
  for (const entry of [undefined, { type: "api", key: "k" }]) {
    const next = start(entry, { ...DISCOVER, before: first });
    assertEquals((await offered(next)).ids, ["kimi-for-coding"]);
    assertEquals(next.environment.logs, []);
  }
});

const BROKEN = [
  ["that is damaged", "{", /is not a JSON object, and is left out$/],
  [
    "of a release to come",
    '{"form":2,"lists":[]}',
    /was written by another release, and is left out$/,
  ],
  ["that is empty", "", /is not a JSON object/],
] as const;

for (const [name, text, line] of BROKEN) {
  Deno.test(`contract 12: a file ${name} is one line, and replaced`, async () => {
    const made = start(entryOf("u1"), DISCOVER);
    made.environment.kept.text = text;
    assertEquals((await offered(made)).ids, ["kimi-for-coding"]);
    assertEquals(made.environment.logs.length, 1);
    assertMatch(made.environment.logs[0] ?? "", line);
    assertMatch(made.environment.logs[0] ?? "", /^warn: The list of models \/cache\/models\.json /);
    const next = start(entryOf("u1"), { ...DISCOVER, before: made });
    assertEquals([(await offered(next)).ids.length, next.environment.logs], [3, []]);
  });
}

Deno.test("contract 12: a cache file that cannot be used is logged twice at most", async () => {
  const made = start(entryOf("u1"), DISCOVER);
  const fails = () => Promise.reject(new Error("EISDIR: illegal operation on a directory"));
  Object.assign(made.environment.kept, { read: fails, replace: fails });
  const { ids, sdk } = await offered(made);
  assertEquals([ids, (await ask(sdk)).status], [["kimi-for-coding"], 200]);
  const [read = "", write = "", ...others] = made.environment.logs;
  assertMatch(read, /cannot be read \(EISDIR/);
  assertMatch(write, /^warn: The models cannot be kept in \/cache\/models\.json: EISDIR/);
  assertEquals(others, []);
});

Deno.test("an account with models of other protocols only is offered the built-in one", async () => {
  const answer = service([OTHER]);
  const first = start(entryOf("u1"), { ...DISCOVER, answer });
  await offered(first);
  const second = start(entryOf("u1"), { ...DISCOVER, answer, before: first });
  assertEquals((await offered(second)).ids, ["kimi-for-coding"]);
});

Deno.test("without discover, one line says which models it would add", async () => {
  const made = start(entryOf("u1"));
  const { sdk } = await offered(made);
  for (let turn = 0; turn < 3; turn++) await ask(sdk);
  await settled();
  assertEquals(made.environment.logs, [
    "info: This account has more than opencode offers: k3-256k, kimi-plain. The plugin's option " +
    '"discover": true offers all of it from the second start on',
  ]);
  const same = start(entryOf("u1"), { answer: service([FIRST]) });
  await offered(same);
  assertEquals(same.environment.logs, []);
});

/** The only model that is offered without `discover`. */
async function only(made: Plugin, config: Record<string, unknown> = {}): Promise<JsonObject> {
  const { models, ids } = await offered(made, config);
  assertEquals(ids, ["kimi-for-coding"]);
  return objectOf(models["kimi-for-coding"]);
}

Deno.test("without discover, the second start has the context and efforts of the list", async () => {
  const first = start(entryOf("u1"));
  assertEquals((await only(first)).limit, { context: 262_144, output: 32_768 });
  assertEquals(first.environment.kept.writes, 1);
  const second = await only(start(entryOf("u1"), { before: first }));
  assertEquals(second.limit, { context: 1_048_576, output: 32_768 });
  assertEquals(second.name, "Kimi for Coding");
  assertEquals(objectOf(second.variants).medium, { disabled: true });
  const other = await only(start(entryOf("u2"), { before: first }));
  assertEquals(other.limit, { context: 262_144, output: 32_768 }, "another account");
  const written = { models: { "kimi-for-coding": { limit: { context: 1_000 } } } };
  const users = await only(start(entryOf("u1"), { before: first }), {
    provider: { [ID]: written },
  });
  assertEquals(users.limit, { context: 1_000, output: 32_768 }, "the user's own length wins");
});

Deno.test("a model that is gone stays offered if the configuration names it, and its error says so", async () => {
  const first = start(entryOf("u1"), DISCOVER);
  await offered(first);
  const gone: Answer = (request) =>
    request.url.endsWith("/models")
      ? Response.json({ data: [FIRST] })
      : Response.json({ error: { message: "Not found the model" } }, { status: 404 });
  for (const before of [first, start(entryOf("u1"), { ...DISCOVER, answer: gone })]) {
    const next = start(entryOf("u1"), { ...DISCOVER, answer: gone, before });
    const { ids, sdk } = await offered(next, { model: `${ID}/k3-256k` });
    assert(ids.includes("k3-256k"));
    const answer = await ask(sdk, body({ model: "k3-256k" }));
    const { error } = await answer.json();
    assertEquals(answer.status, 404);
    assertMatch(error.message, /choose another one\. The account has kimi-for-coding\. Kimi says/);
  }
});

Deno.test("an answer without models leaves the cached ones", async () => {
  const first = start(entryOf("u1"), DISCOVER);
  await offered(first);
  for (const odd of [{}, { data: [] }, { data: {} }, { data: [{ id: "" }] }]) {
    const answer: Answer = (request) =>
      request.url.endsWith("/models")
        ? Response.json(odd)
        : Response.json({ error: { message: "Not found the model" } }, { status: 404 });
    const next = start(entryOf("u1"), { ...DISCOVER, answer, before: first });
    const { ids, sdk } = await offered(next);
    assertEquals([ids.length, next.environment.kept.writes], [3, 0]);
    const { error } = await (await ask(sdk, body({ model: "gone" }))).json();
    assertMatch(error.message, /The account has kimi-for-coding, k3-256k, kimi-plain\./);
  }
});
