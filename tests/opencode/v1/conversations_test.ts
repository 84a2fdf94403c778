import { assert, assertEquals } from "@std/assert";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import { type Answer, NOW } from "../../support/environment.ts";
import {
  type Message,
  promptOf,
  sdkModel,
  type Spec,
  toolsOf,
} from "../../support/conversations.ts";
import { configured, ID, type Plugin, plugin, type SdkPart, sdkPart } from "./fixtures.ts";

interface Row {
  readonly name: string;
  readonly spec: Spec;
  readonly body: string;
}

const FILE = new URL("../../data/kimi-cli-1.51.0/conversations.json", import.meta.url);
const ROWS: readonly Row[] = JSON.parse(Deno.readTextFileSync(FILE));

/** opencode with the plugin and a login; the model's context length is the conversation's. */
interface Session {
  readonly made: Plugin;
  readonly sdk: SdkPart;
  readonly variants: JsonObject;
}

/** Answers with the tokens that it counts, where it counts any. */
function answering(total?: number): Answer {
  const usage = { prompt_tokens: total, completion_tokens: 0, cached_tokens: 0 };
  const event = total === undefined ? "" : `data: ${JSON.stringify({ choices: [], usage })}\n\n`;
  return ({ url }) => {
    if (url.endsWith("/models")) return new Response("{}", { status: 404 });
    const headers = { "content-type": "text/event-stream" };
    return new Response(`${event}data: [DONE]\n\n`, { headers });
  };
}

async function open(context: number, answer: Answer = answering()): Promise<Session> {
  const made = plugin({ answer });
  const limit = { context, output: 32_768 };
  const entry = await configured(made, { models: { "kimi-for-coding": { limit } } });
  const loaded = await made.hooks.auth.loader(made.opencode.getAuth, entry);
  const sdk = sdkPart({ ...Object(entry.options), ...loaded });
  const model = isObject(entry.models) ? entry.models["kimi-for-coding"] : undefined;
  const variants = isObject(model) && isObject(model.variants) ? model.variants : {};
  return { made, sdk, variants };
}

/** One request as opencode makes it: its options, the hook, the SDK. Gives the body on the wire. */
async function send(session: Session, spec: Spec, agent = "build"): Promise<string> {
  const { made, sdk, variants } = session;
  const chosen = spec.effort === "default" ? {} : variants[spec.effort];
  const output = { options: { ...Object(chosen) } };
  await made.hooks["chat.params"]({
    sessionID: spec.session,
    agent,
    model: { providerID: ID },
    provider: { id: ID },
    message: {},
  }, output);
  const model = sdkModel({ ...sdk, fetch: (url, init) => sdk.fetch(String(url), init) });
  const { stream } = await model.doStream({
    prompt: promptOf(spec),
    tools: toolsOf(spec),
    toolChoice: { type: "auto" },
    maxOutputTokens: 32_000,
    providerOptions: { [ID]: output.options },
  });
  for await (const _ of stream);
  const chats = made.environment.sent.filter(({ url }) => url.endsWith("/chat/completions"));
  return chats.at(-1)?.body ?? "";
}

Deno.test("contracts 1 to 6: through the real SDK each conversation is kimi-cli's, byte for byte", async () => {
  assertEquals(ROWS.length, 40);
  const differing: string[] = [];
  for (const { name, spec, body } of ROWS) {
    const session = await open(spec.context);
    const sent = await send(session, spec);
    assertEquals(session.made.environment.logs.filter((line) => !line.startsWith("debug")), []);
    if (sent === body) continue;
    let at = 0;
    while (sent[at] === body[at]) at++;
    differing.push(`${name} at ${at}: ${sent.slice(at, at + 80)}, not ${body.slice(at, at + 80)}`);
  }
  assertEquals(differing, []);
});

Deno.test("contract 6: sent turn by turn, each turn's messages begin with the last turn's", async () => {
  for (const { name, spec } of ROWS) {
    const session = await open(spec.context, answering(1000));
    let before = "[";
    for (let count = 1; count <= spec.messages.length; count++) {
      if (spec.messages[count - 1]?.role === "assistant") continue;
      const body = await send(session, { ...spec, messages: spec.messages.slice(0, count) });
      const { messages, prompt_cache_key } = JSON.parse(body);
      const text = JSON.stringify(messages);
      assert(body.startsWith(`{"messages":${text},"model":`), name);
      assert(text.startsWith(before), `${name}, ${count} messages`);
      assertEquals(prompt_cache_key, spec.session);
      before = text.slice(0, -1);
    }
  }
});

Deno.test("contract 6: the same conversation in a process of its own gives the same bytes", async () => {
  for (const { spec, body } of ROWS.slice(0, 5)) {
    const session = await open(spec.context);
    session.made.environment.time = NOW + 60_000;
    assertEquals(await send(session, spec), body);
    assertEquals(await send(session, spec), body);
  }
});

const SPEC: Spec = {
  system: "You help",
  session: "ses_1",
  effort: "default",
  context: 262_144,
  tools: [],
  messages: [{ role: "user", text: "Hello" }],
};

const TITLE: Spec = { ...SPEC, system: "You are a title generator, and answer with one line" };

const NEXT: readonly Message[] = [
  { role: "assistant", text: "Hello to you", think: "A greeting" },
  { role: "user", text: "名前を四つ😀" },
];

function budgetOf(body: string): number {
  return JSON.parse(body).max_completion_tokens;
}

Deno.test("contract 4: the usage of an answer's stream is the floor of the next turn's input", async () => {
  const session = await open(SPEC.context, answering(100_000));
  assertEquals(budgetOf(await send(session, SPEC)), 262_144 - 1024 - (2 + 1 + 2));
  const next = { ...SPEC, messages: [...SPEC.messages, ...NEXT] };
  assertEquals(budgetOf(await send(session, next)), 262_144 - 1024 - (100_000 + 1));
});

Deno.test("contract 4: a title of the same session, before or after, leaves its count alone", async () => {
  const session = await open(SPEC.context, (request) => {
    const isTitle = request.body.includes("title generator");
    return answering(isTitle ? 300 : 100_000)(request);
  });
  await send(session, TITLE, "title");
  await send(session, SPEC);
  const title = await send(session, TITLE, "title");
  assert(title.includes('"prompt_cache_key":"ses_1"') && title.includes('{"type":"disabled"}'));
  const next = { ...SPEC, messages: [...SPEC.messages, ...NEXT] };
  assertEquals(budgetOf(await send(session, next)), 262_144 - 1024 - (100_000 + 1));
});
