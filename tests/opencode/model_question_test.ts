/** /models is asked in the background, as kimi-cli does at each start. */

import { assertEquals, assertNotMatch } from "@std/assert";
import { events } from "../client/chat/fixtures.ts";
import { gate, html, rotating } from "../client/fixtures.ts";
import type { Answer } from "../support/environment.ts";
import {
  API,
  ask,
  body,
  oauthEntry,
  type Plugin,
  plugin,
  settled,
  started,
} from "./v1/fixtures.ts";

const CONTEXT = 1_048_576;
const COLD = 262_144;

const models: Answer = () =>
  Response.json({ data: [{ id: "kimi-for-coding", context_length: CONTEXT }] });

/** Answers /models by the function, and all else as it should be. */
function service(list: Answer): Answer {
  const oauth = rotating();
  return (request) => {
    if (request.url.endsWith("/models")) return list(request);
    return request.url.endsWith("/token") ? oauth(request) : events("[DONE]");
  };
}

function asked({ environment }: Plugin): number {
  return environment.sent.filter(({ url }) => url.endsWith("/models")).length;
}

function paths({ environment }: Plugin): readonly string[] {
  return environment.sent.map(({ url }) => url.slice(url.lastIndexOf("/") + 1));
}

type Sdk = Awaited<ReturnType<typeof started>>;

/** The context that the budget of a request is made of: 16 tokens of input or so, and the margin. */
function contextOf(sdk: Sdk, given = body()): number {
  const { max_completion_tokens } = sdk.transformRequestBody(given);
  return Math.ceil(Number(max_completion_tokens) / 2048) * 2048;
}

Deno.test("the budget uses the context length of /models once the loader has run", async () => {
  const made = plugin({ answer: service(models) });
  const sdk = await started(made);
  assertEquals(contextOf(sdk), COLD);
  await settled();
  assertEquals(contextOf(sdk), CONTEXT);
  assertEquals(paths(made), ["models"]);
  assertEquals(made.environment.sent[0]?.url, `${API}/models`);
});

Deno.test("/models is asked once, however many requests follow", async () => {
  const made = plugin({ answer: service(models) });
  const sdk = await started(made);
  await settled();
  for (let turn = 0; turn < 5; turn++) await ask(sdk);
  await settled();
  assertEquals(asked(made), 1);
});

Deno.test("/models is asked once even if its answer is late", async () => {
  const late = gate();
  const made = plugin({
    answer: service(async (request) => {
      await late.passed;
      return models(request);
    }),
  });
  const sdk = await started(made);
  for (let turn = 0; turn < 3; turn++) assertEquals((await ask(sdk)).status, 200);
  await settled();
  assertEquals(asked(made), 1);
  late.open();
  await settled();
  assertEquals(contextOf(sdk), CONTEXT);
});

Deno.test("/models never delays the loader or a request", async () => {
  const made = plugin({ answer: service(() => new Promise(() => {})) });
  const sdk = await started(made);
  assertEquals((await ask(sdk)).status, 200);
  assertEquals(contextOf(sdk), COLD);
});

Deno.test("with an expired token, /models is not asked and nothing is refreshed", async () => {
  for (const left of [0, -1000]) {
    const made = plugin({ answer: service(models), entry: oauthEntry(left) });
    await started(made);
    await settled();
    assertEquals(made.environment.sent, []);
  }
});

Deno.test("/models is asked with a due token, without a refresh", async () => {
  const made = plugin({ answer: service(models), entry: oauthEntry(60) });
  await started(made);
  await settled();
  assertEquals(paths(made), ["models"]);
  assertEquals(made.environment.sent[0]?.headers.authorization, "Bearer SECRET-a0");
});

Deno.test("after an expired token, /models is asked once the first answer has come", async () => {
  const made = plugin({ answer: service(models), entry: oauthEntry(0) });
  const sdk = await started(made);
  await settled();
  await ask(sdk);
  await settled();
  await ask(sdk);
  await settled();
  assertEquals(paths(made), ["token", "completions", "models", "completions"]);
  assertEquals(made.environment.sent[2]?.headers.authorization, "Bearer SECRET-a1");
  assertEquals(contextOf(sdk), CONTEXT);
});

Deno.test("without a login /models is not asked", async () => {
  for (const entry of [undefined, { type: "api", key: "k" }]) {
    const made = plugin({ answer: service(models), entry });
    await started(made);
    await settled();
    assertEquals(made.environment.sent, []);
  }
});

Deno.test("a failed /models is not a warning, keeps the budget and is asked twice at most", async () => {
  const answers: readonly Answer[] = [
    () => html(500),
    () => html(200),
    () => Promise.reject(new TypeError("reset")),
    () => Response.json({ error: { message: "no" } }, { status: 401 }),
  ];
  for (const list of answers) {
    const made = plugin({ answer: service(list) });
    const sdk = await started(made);
    await settled();
    for (let turn = 0; turn < 5; turn++) {
      assertEquals((await ask(sdk)).status, 200);
      await settled();
    }
    assertEquals([asked(made) <= 2, contextOf(sdk)], [true, COLD]);
    assertEquals(made.environment.logs.filter((line) => !line.startsWith("debug: ")), []);
    assertNotMatch(made.environment.logs.join("\n"), /SECRET/);
  }
});

Deno.test("an unusable context length of /models is ignored", async () => {
  for (const length of [0, -1, "many", null, undefined]) {
    const list = { data: [{ id: "kimi-for-coding", context_length: length }, { id: "other" }] };
    const made = plugin({ answer: service(() => Response.json(list)) });
    const sdk = await started(made);
    await settled();
    assertEquals(contextOf(sdk), COLD);
  }
});

const WRITTEN = [
  ["a context that the user wrote wins", { limit: { context: 131_072, output: 1 } }, 131_072],
  ["262144, which stood in examples, counts as unwritten", { limit: { context: COLD } }, CONTEXT],
] as const;

for (const [name, model, expected] of WRITTEN) {
  Deno.test(`over the context of /models ${name}`, async () => {
    const made = plugin({ answer: service(models) });
    const sdk = await started(made, { models: { "kimi-for-coding": model } });
    await settled();
    assertEquals(contextOf(sdk), expected);
  });
}

Deno.test("each model has its own context length", async () => {
  const list = { data: [{ id: "k3", context_length: 65_536 }] };
  const made = plugin({ answer: service(() => Response.json(list)) });
  const sdk = await started(made, { models: { k3: { name: "K3" } } });
  await settled();
  assertEquals(contextOf(sdk, body({ model: "k3" })), 65_536);
  assertEquals(contextOf(sdk), COLD);
});
