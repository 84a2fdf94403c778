import { assertEquals, assertStrictEquals } from "@std/assert";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import { API, configured, ID, plugin, providerOf, sdkPart } from "./fixtures.ts";

const MODEL = {
  name: "Kimi for Coding",
  limit: { context: 262144, output: 32768 },
  attachment: true,
  reasoning: true,
  tool_call: true,
  modalities: { input: ["text", "image"], output: ["text"] },
  variants: {
    default: {},
    off: { thinking: { type: "disabled" } },
    low: { reasoningEffort: "low", thinking: { type: "enabled" } },
    medium: { reasoningEffort: "medium", thinking: { type: "enabled" } },
    high: { reasoningEffort: "high", thinking: { type: "enabled" } },
    max: { reasoningEffort: "max", thinking: { type: "enabled" } },
  },
};

const NPM = "@ai-sdk/openai-compatible";

/** What the issue says that people have in their files. */
const LONG_FORM = {
  name: "Kimi K2.6 (for coding)",
  npm: NPM,
  options: { baseURL: API },
  models: {
    "kimi-for-coding": {
      name: "Kimi K2.6 Code Preview",
      limit: { context: 262144, output: 32768 },
      reasoning: true,
      options: {},
    },
  },
};

/** The entry without the functions, which are asserted to be there. */
function data(entry: Readonly<Record<string, unknown>>): unknown {
  const { fetch: _, transformRequestBody: __, ...options } = sdkPart(entry.options);
  return { ...entry, options };
}

Deno.test("the config hook adds the whole provider", async () => {
  const expected = {
    name: "Kimi (account login)",
    npm: NPM,
    options: { baseURL: API },
    models: { "kimi-for-coding": MODEL },
  };
  const entry = await configured(plugin());
  assertEquals(data(entry), expected);
  assertEquals(JSON.parse(JSON.stringify(entry)), expected, "functions do not reach JSON");
});

Deno.test("the variants have the order default, off, low, medium, high, max", async () => {
  const { models } = await configured(plugin());
  const model = isObject(models) ? models["kimi-for-coding"] : undefined;
  const variants = isObject(model) && isObject(model.variants) ? model.variants : {};
  assertEquals(Object.keys(variants), ["default", "off", "low", "medium", "high", "max"]);
  assertEquals(isObject(model) && "interleaved" in model, false);
});

Deno.test("a provider block in the old long form keeps working and wins", async () => {
  const written = structuredClone(LONG_FORM);
  assertEquals(data(await configured(plugin(), written)), {
    ...LONG_FORM,
    models: {
      "kimi-for-coding": { ...MODEL, ...LONG_FORM.models["kimi-for-coding"] },
    },
  });
  assertEquals(written, LONG_FORM, "what the user wrote is not written to");
});

Deno.test("contract 12: what the user wrote wins, at each depth", async () => {
  const users = {
    name: "Mine",
    npm: "./my-sdk",
    env: ["X"],
    options: { timeout: false, headers: { "X-A": "1" } },
    models: {
      "kimi-for-coding": {
        reasoning: false,
        limit: { context: 1000 },
        modalities: { input: ["text"] },
        variants: { high: { disabled: true }, mine: { reasoningEffort: "low" } },
      },
      "kimi-k3": { name: "K3" },
    },
  };
  const { "kimi-for-coding": _, ...others } = users.models;
  assertEquals(data(await configured(plugin(), users)), {
    ...users,
    options: { ...users.options, baseURL: API },
    models: {
      "kimi-for-coding": {
        ...MODEL,
        reasoning: false,
        limit: { context: 1000, output: 32768 },
        modalities: { input: ["text"], output: ["text"] },
        variants: {
          ...MODEL.variants,
          high: { ...MODEL.variants.high, disabled: true },
          mine: { reasoningEffort: "low" },
        },
      },
      ...others,
    },
  });
});

const BASES = [
  ["nothing", {}, {}, API],
  ["the default", { baseURL: API }, {}, API],
  ["the default with a slash", { baseURL: `${API}/` }, {}, API],
  ["the variable", {}, { KIMI_CODE_BASE_URL: "http://127.0.0.1:1/v1" }, "http://127.0.0.1:1/v1"],
  ["the variable beside the default", { baseURL: API }, {
    KIMI_CODE_BASE_URL: "http://127.0.0.1:1/v1/",
  }, "http://127.0.0.1:1/v1"],
  [
    "the variable beside the other region's default",
    {
      baseURL: "https://api.kimi.ai/coding/v1",
    },
    { KIMI_CODE_BASE_URL: "http://127.0.0.1:1/v1" },
    "http://127.0.0.1:1/v1",
  ],
  ["the option before the variable", { baseURL: "https://mine.example/v1/" }, {
    KIMI_CODE_BASE_URL: "http://127.0.0.1:1/v1",
  }, "https://mine.example/v1"],
  ["no text", { baseURL: 42 }, {}, API],
  ["an empty text", { baseURL: "" }, {}, API],
] as const;

for (const [name, options, variables, expected] of BASES) {
  Deno.test(`the API base: ${name}`, async () => {
    const { options: made } = await configured(plugin({ variables }), { options });
    assertEquals(sdkPart(made).baseURL, expected);
  });
}

Deno.test("contract 12: the entry is added if the provider block is missing or broken", async () => {
  for (const provider of [undefined, null, "text", 7, [], [1], true]) {
    const { hooks } = plugin();
    const config: Record<string, unknown> = provider === undefined ? {} : { provider };
    await hooks.config(config);
    assertEquals(providerOf(config).name, "Kimi (account login)");
  }
  for (const users of [null, "text", 7, [], { options: "text" }, { options: null }, {}]) {
    const entry = await configured(plugin(), users);
    assertEquals(sdkPart(entry.options).baseURL, API);
    assertEquals(entry.name, "Kimi (account login)");
  }
});

Deno.test("contract 12: other providers and keys stay the same objects", async () => {
  const other = Object.freeze({ options: Object.freeze({ apiKey: "k" }), models: {} });
  const agent = Object.freeze({ build: {} });
  const config: Record<string, unknown> = { provider: { other }, agent, model: "other/m" };
  await plugin().hooks.config(config);
  const { provider } = config;
  assertEquals(Object.keys(config), ["provider", "agent", "model"]);
  assertEquals(isObject(provider) && Object.keys(provider), ["other", ID]);
  assertStrictEquals(isObject(provider) && provider.other, other);
  assertStrictEquals(config.agent, agent);
});

/** The models that the entry has for a configuration, with their names. */
async function names(users: unknown, others: JsonObject = {}): Promise<JsonObject> {
  const config = { provider: { [ID]: users }, ...others };
  await plugin().hooks.config(config);
  const { models } = providerOf(config);
  return Object.fromEntries(
    Object.entries(isObject(models) ? models : {}).map((
      [id, model],
    ) => [id, isObject(model) && model.name]),
  );
}

Deno.test("a model that the user wrote gets the known facts that it lacks", async () => {
  const { models } = await configured(plugin(), {
    models: { k3: { limit: { context: 1000 } }, fast: { id: "kimi-for-coding-highspeed" } },
  });
  assertEquals(isObject(models) && models.k3, {
    ...MODEL,
    name: "Kimi K3",
    limit: { context: 1000, output: 131_072 },
    variants: { ...MODEL.variants, medium: { disabled: true } },
  });
  const fast = isObject(models) ? models.fast : undefined;
  assertEquals(isObject(fast) && [fast.name, fast.id], [
    "Kimi for Coding HighSpeed",
    "kimi-for-coding-highspeed",
  ]);
  assertEquals(isObject(fast) && isObject(fast.variants) && Object.keys(fast.variants), [
    ...OPENCODES,
  ]);
});

const OPENCODES = ["low", "medium", "high"];

Deno.test("a model that the configuration names is offered, known or not", async () => {
  const agent = { build: { model: `${ID}/k3` }, plan: { model: "other/x" }, broken: 7, none: {} };
  const command = { review: { model: `${ID}/k9` } };
  const others = { model: `${ID}/kimi-for-coding`, small_model: `${ID}/k3-256k`, agent, command };
  assertEquals(await names(undefined, others), {
    "kimi-for-coding": "Kimi for Coding",
    "k3-256k": "Kimi K3-256K",
    k3: "Kimi K3",
    k9: "k9",
  });
  for (const model of [`${ID}/`, ID, 7, null, "", `x${ID}/k3`]) {
    assertEquals(Object.keys(await names(undefined, { model })), ["kimi-for-coding"]);
  }
  assertEquals(await names({ models: { k3: { name: "Mine" } } }, { model: `${ID}/k3` }), {
    "kimi-for-coding": "Kimi for Coding",
    k3: "Mine",
  });
});
