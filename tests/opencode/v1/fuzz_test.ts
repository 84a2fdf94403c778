/** Whatever opencode can hold, through the whole plugin: Kimi refuses none of it. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import fc from "fast-check";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import { events } from "../../client/chat/fixtures.ts";
import type { Answer } from "../../support/environment.ts";
import { type FuzzRequest, request, tool } from "../../support/fuzz/requests.ts";
import { refusalOf } from "../../support/judge.ts";
import { entryOf, FIRST, offered, ONLY, service, start } from "./account.ts";
import { ask, ID, type Plugin, type SdkPart } from "./fixtures.ts";

const NEVER = { id: "kimi-plain", context_length: 262_144, supports_thinking_type: "no" };
const MODELS = [FIRST, ONLY, NEVER];

const SEED = 20_261_128;

/** Answers as the service does, which refuses what the judge refuses. */
const judge: Answer = (sent) => {
  if (sent.url.endsWith("/models")) return service(MODELS)(sent);
  const message = refusalOf(sent.body, MODELS);
  return message === undefined
    ? events("[DONE]")
    : Response.json({ error: { message, type: "invalid_request_error" } }, { status: 400 });
};

interface Opened {
  readonly made: Plugin;
  readonly sdk: SdkPart;
}

/** Plugins by client and the value of KIMI_MODEL_THINKING_KEEP. */
const opened = new Map<string, Promise<Opened>>();

async function open(client: string, keep = ""): Promise<Opened> {
  const made = start(entryOf("fuzz"), {
    answer: judge,
    options: { client },
    variables: { KIMI_MODEL_THINKING_KEEP: keep },
  });
  const options = { seed: 1, tool_choice: "required" };
  const models = Object.fromEntries(MODELS.map(({ id }) => [id, { options }]));
  const { sdk } = await offered(made, { provider: { [ID]: { models } } });
  // opencode calls it before each request; the plugin loads then what makes bodies.
  await made.hooks["chat.params"]({ sessionID: "ses_0", provider: { id: ID } }, { options: {} });
  return { made, sdk };
}

/** The body that opencode's SDK makes, after `chat.params`. */
async function given({ made }: Opened, asked: FuzzRequest): Promise<JsonObject> {
  const { model, agent, variant, body } = asked;
  const options = structuredClone(asked.options);
  await made.hooks["chat.params"]({
    sessionID: "ses_fuzz",
    agent,
    model: { providerID: ID, id: model },
    message: { model: { variant } },
  }, { options });
  const { reasoningEffort, ...others } = options;
  return { model, ...others, ...body, reasoning_effort: reasoningEffort };
}

/** Sends what opencode's SDK makes, and returns what went out. */
async function send({ made, sdk }: Opened, body: JsonObject): Promise<string> {
  const { sent } = made.environment;
  sent.splice(0);
  const text = JSON.stringify(sdk.transformRequestBody(body));
  const answer = await sdk.fetch(`${sdk.baseURL}/chat/completions`, { method: "POST", body: text });
  const said = await answer.text();
  assert(answer.status === 200, `${said} for ${text}`);
  const [chat] = sent.filter(({ url }) => url.endsWith("/chat/completions"));
  assert(chat !== undefined);
  return chat.body;
}

function messagesOf(body: string): string {
  return JSON.stringify(JSON.parse(body).messages);
}

const QUESTION = { role: "user", content: "What now?" };

for (const client of ["kimi-cli", "kimi-code"]) {
  Deno.test(`contract 3: as ${client}, 2,000 conversations of any kind are taken, the same each time, and again as they were sent`, async () => {
    const models = MODELS.map(({ id }) => id);
    await fc.assert(
      fc.asyncProperty(request(models), async (asked) => {
        const key = `${client} ${asked.keep}`;
        if (!opened.has(key)) opened.set(key, open(client, asked.keep));
        const plugin = await opened.get(key)!;
        const one = await given(plugin, asked);
        const messages = [...asked.body.messages, QUESTION];
        const first = await send(plugin, { ...one, messages });
        assertEquals(await send(plugin, structuredClone({ ...one, messages })), first);
        await send(plugin, JSON.parse(first));
        const later = await send(plugin, { ...one, messages: [...messages, QUESTION] });
        const prefix = messagesOf(first).slice(0, -1);
        assert(messagesOf(later).startsWith(prefix), `${later} does not begin with ${prefix}`);
      }),
      { numRuns: 2_000, seed: SEED },
    );
  });

  Deno.test(`contract 3: as ${client}, 5,000 tools of any kind are taken`, async () => {
    const plugin = await open(client);
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(tool, { minLength: 10, maxLength: 10 }), async (tools) => {
        count += tools.length;
        const body = { model: FIRST.id, messages: [QUESTION], tools, stream: true };
        const sent = await send(plugin, body);
        await send(plugin, JSON.parse(sent));
        assertEquals(await send(plugin, structuredClone(body)), sent);
      }),
      { numRuns: 500, seed: SEED },
    );
    assert(count >= 5_000);
  });
}

function toolOf(index: number, parameters: JsonObject): JsonObject {
  return { type: "function", function: { name: `t${index}`, parameters } };
}

Deno.test("contract 3: what no repair helps is refused in our own words, and not sent", async () => {
  const { made, sdk } = await open("kimi-cli");
  const said = async (body: JsonObject) => {
    made.environment.sent.splice(0);
    const answer = await ask(sdk, { model: FIRST.id, messages: [QUESTION], ...body });
    assertEquals(made.environment.sent.map(({ url }) => url), []);
    return JSON.parse(await answer.text()).error.message;
  };
  const many = Array.from({ length: 129 }, (_, index) => toolOf(index, {}));
  await assertRejects(() => said({ tools: many }), KimiError, "Kimi accepts at most 128");
  const large = toolOf(0, { type: "object", description: "x".repeat(120_000) });
  await assertRejects(() => said({ tools: [large] }), KimiError, 'Kimi refuses the tool "t0"');
  const text = "x".repeat(2_200_000);
  assertMatch(await said({ messages: [{ role: "user", content: text }] }), /over 2 MiB together/);
});
