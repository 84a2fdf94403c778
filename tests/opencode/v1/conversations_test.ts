import { assert, assertEquals } from "@std/assert";
import { ANSWER_END, type Message, type Spec } from "../../support/conversations.ts";
import { type Answer, NOW } from "../../support/environment.ts";
import { compareBodies } from "../../support/judge.ts";
import { openPlugin } from "../../support/plugin.ts";

interface Row {
  readonly name: string;
  readonly spec: Spec;
  readonly body: string;
}

const FILE = new URL("../../data/kimi-cli-1.51.0/conversations.json", import.meta.url);
const ROWS: readonly Row[] = JSON.parse(Deno.readTextFileSync(FILE));

/** Answers with the tokens that it counts, where it counts any. */
function answering(total?: number): Answer {
  const usage = { prompt_tokens: total, completion_tokens: 0, cached_tokens: 0 };
  const event = total === undefined ? "" : `data: ${JSON.stringify({ choices: [], usage })}\n\n`;
  return () => {
    const headers = { "content-type": "text/event-stream" };
    return new Response(`${event}${ANSWER_END}`, { headers });
  };
}

Deno.test("contracts 1 to 6: through the real SDK each body equals kimi-cli's, byte for byte, if Kimi takes that", async () => {
  assertEquals(ROWS.length, 40);
  const differing: string[] = [];
  for (const { name, spec, body } of ROWS) {
    const plugin = await openPlugin({ context: spec.context });
    const sent = await plugin.ask(spec);
    const told = plugin.environment.logs.filter((line) => !/^debug|was left out/.test(line));
    assertEquals(told, []);
    const relation = compareBodies(body, sent);
    if (relation.is === "different") differing.push(`${name}: ${relation.why}`);
  }
  assertEquals(differing, []);
});

Deno.test("contract 6: each turn's messages begin with those of the turn before", async () => {
  for (const { name, spec } of ROWS) {
    const plugin = await openPlugin({ context: spec.context, answer: answering(1000) });
    let before = "[";
    for (let count = 1; count <= spec.messages.length; count++) {
      const [last, next] = spec.messages.slice(count - 1, count + 1);
      if (last?.role === "assistant" || next?.role === "tool") continue;
      const body = await plugin.ask({ ...spec, messages: spec.messages.slice(0, count) });
      const { messages, prompt_cache_key } = JSON.parse(body);
      const text = JSON.stringify(messages);
      assert(body.startsWith(`{"messages":${text},"model":`), name);
      assert(text.startsWith(before), `${name}, ${count} messages`);
      assertEquals(prompt_cache_key, spec.session);
      before = text.slice(0, -1);
    }
  }
});

Deno.test("contract 6: another process makes the same bytes of the same conversation", async () => {
  for (const { spec, body } of ROWS.slice(0, 5)) {
    const plugin = await openPlugin({ context: spec.context });
    plugin.environment.time = NOW + 60_000;
    const sent = await plugin.ask(spec);
    assert(compareBodies(body, sent).is !== "different");
    assertEquals(await plugin.ask(spec), sent);
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
  const plugin = await openPlugin({ context: SPEC.context, answer: answering(100_000) });
  assertEquals(budgetOf(await plugin.ask(SPEC)), 262_144 - 1024 - (2 + 1 + 2));
  const next = { ...SPEC, messages: [...SPEC.messages, ...NEXT] };
  assertEquals(budgetOf(await plugin.ask(next)), 262_144 - 1024 - (100_000 + 1));
});

Deno.test("contract 4: a title request does not change the count of its session", async () => {
  const answer: Answer = (request) => {
    const isTitle = request.body.includes("title generator");
    return answering(isTitle ? 300 : 100_000)(request);
  };
  const plugin = await openPlugin({ context: SPEC.context, answer });
  await plugin.ask({ ...TITLE, agent: "title" });
  await plugin.ask(SPEC);
  const title = await plugin.ask({ ...TITLE, agent: "title" });
  assert(title.includes('"prompt_cache_key":"ses_1"') && title.includes('{"type":"disabled"}'));
  const next = { ...SPEC, messages: [...SPEC.messages, ...NEXT] };
  assertEquals(budgetOf(await plugin.ask(next)), 262_144 - 1024 - (100_000 + 1));
});
