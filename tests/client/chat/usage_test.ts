import { assertEquals } from "@std/assert";
import type { Chat } from "../../../lib/client/chat/fetch.ts";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import type { SentRequest } from "../../support/environment.ts";
import { chatSetup, events, FINISH, init, URL_OF_CHAT, usage } from "./fixtures.ts";

const CONTEXT = 262_144;
const MARGIN = 1024;

type Message = { readonly role: string; readonly content: string };

const MAIN: readonly Message[] = [
  { role: "system", content: "You are opencode, an interactive tool." },
  { role: "user", content: "hello" },
];
const TITLE: readonly Message[] = [
  { role: "system", content: "You are a title generator." },
  { role: "user", content: "Generate a title for this conversation:\n" },
];

function body(messages: readonly Message[], session = "ses_1"): JsonObject {
  return {
    model: "kimi-for-coding",
    max_tokens: 32_000,
    prompt_cache_key: session,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  };
}

/** Makes a body as the SDK does it: the text that is sent. */
function made(talk: Chat, messages: readonly Message[], session?: string): string {
  return JSON.stringify(talk.transformRequestBody(body(messages, session)));
}

function budgetOf(text: string): unknown {
  return JSON.parse(text).max_completion_tokens;
}

async function send(talk: Chat, text: string): Promise<void> {
  await (await talk.fetch(URL_OF_CHAT, init({ body: text }))).text();
}

/** The next turn: an answer, and a text of 400 characters, 100 tokens by kimi-cli's quarter. */
function next(messages: readonly Message[]): readonly Message[] {
  return [
    ...messages,
    { role: "assistant", content: "hi" },
    { role: "user", content: "x".repeat(400) },
  ];
}

const counted = (request: SentRequest) =>
  request.body.includes("title generator") ? usage(100, 10) : usage(100_000, 500);

const AFTER_MAIN = CONTEXT - (100_500 + 100 + MARGIN);

Deno.test("contract 4: the service's count is the minimum of the next turn's input", async () => {
  const { talk } = await chatSetup((request) => events(counted(request), "[DONE]"));
  await send(talk, made(talk, MAIN));
  assertEquals(budgetOf(made(talk, next(MAIN))), AFTER_MAIN);
});

for (const order of ["title first", "main first"]) {
  Deno.test(`contract 4: title and main at once, ${order}: each keeps its own count`, async () => {
    const { talk } = await chatSetup((request) => events(counted(request), "[DONE]"));
    const texts = [made(talk, TITLE), made(talk, MAIN)];
    if (order === "main first") texts.reverse();
    await Promise.all(texts.map((text) => send(talk, text)));
    assertEquals(budgetOf(made(talk, next(MAIN))), AFTER_MAIN);
    const afterTitle = CONTEXT - (110 + 100 + MARGIN);
    assertEquals(Number(budgetOf(made(talk, next(TITLE)))) <= afterTitle, true);
    assertEquals(Number(budgetOf(made(talk, next(TITLE)))) > AFTER_MAIN, true);
  });
}

Deno.test("contract 4: answers that end in another order keep their own counts", async () => {
  const { talk } = await chatSetup((request) => events(counted(request), "[DONE]"));
  const [title, main] = [made(talk, TITLE), made(talk, MAIN)];
  const answers = [
    await talk.fetch(URL_OF_CHAT, init({ body: title })),
    await talk.fetch(URL_OF_CHAT, init({ body: main })),
  ];
  for (const answer of answers.reverse()) await answer.text();
  assertEquals(budgetOf(made(talk, next(MAIN))), AFTER_MAIN);
});

Deno.test("contract 4: with a cap, title and main at once keep their own counts", async () => {
  const { talk } = await chatSetup((request) => {
    const isTitle = request.body.includes("title generator");
    return events(isTitle ? usage(100, 10) : usage(260_000, 500), "[DONE]");
  }, { variables: { KIMI_MODEL_MAX_COMPLETION_TOKENS: "4096" } });
  const texts = [made(talk, TITLE), made(talk, MAIN)];
  assertEquals(texts.map(budgetOf), [4096, 4096]);
  await Promise.all(texts.map((text) => send(talk, text)));
  assertEquals(budgetOf(made(talk, next(MAIN))), CONTEXT - (260_500 + 100 + MARGIN));
});

Deno.test("contract 4: sessions keep their own counts", async () => {
  const { talk } = await chatSetup(({ body }) =>
    events(body.includes('"ses_1"') ? usage(50_000, 0) : usage(7_000, 0), "[DONE]")
  );
  await Promise.all(["ses_1", "ses_2"].map((session) => send(talk, made(talk, MAIN, session))));
  assertEquals(budgetOf(made(talk, next(MAIN), "ses_1")), CONTEXT - (50_000 + 100 + MARGIN));
  assertEquals(budgetOf(made(talk, next(MAIN), "ses_2")), CONTEXT - (7_000 + 100 + MARGIN));
});

Deno.test("contract 4: title, main and another session at once keep kimi-code's counts", async () => {
  const options = { client: "kimi-code" } as const;
  const { talk } = await chatSetup((request) => events(counted(request), "[DONE]"), { options });
  const texts = [made(talk, TITLE), made(talk, MAIN), made(talk, TITLE, "ses_2")];
  await Promise.all(texts.map((text) => send(talk, text)));
  assertEquals(budgetOf(made(talk, next(MAIN))), CONTEXT - 100_500);
  assertEquals(budgetOf(made(talk, next(TITLE))), CONTEXT - 110);
  assertEquals(budgetOf(made(talk, next(TITLE), "ses_2")), CONTEXT - 110);
  assertEquals(budgetOf(made(talk, next(MAIN), "ses_2")), CONTEXT);
});

Deno.test("contract 4: a failed request keeps the count of the last answer", async () => {
  let fails = false;
  const { talk } = await chatSetup((request) =>
    fails ? new Response("", { status: 500 }) : events(counted(request), "[DONE]")
  );
  await send(talk, made(talk, MAIN));
  fails = true;
  await send(talk, made(talk, next(MAIN)));
  assertEquals(budgetOf(made(talk, next(MAIN))), AFTER_MAIN);
});

Deno.test("the counts of 256 conversations at most are remembered", async () => {
  const { talk } = await chatSetup(() => events(usage(100_000, 0), "[DONE]"));
  const floor = CONTEXT - (100_000 + 100 + MARGIN);
  for (let index = 0; index < 600; index++) {
    await send(talk, made(talk, MAIN, `ses_${index}`));
  }
  assertEquals(budgetOf(made(talk, next(MAIN), "ses_599")), floor);
  assertEquals(Number(budgetOf(made(talk, next(MAIN), "ses_0"))) > floor, true);
});

Deno.test("contract 14: an answer passes byte for byte, except for the cached tokens", async () => {
  const plain = '{"choices":[{"index":0,"delta":{"content":"名"}}]}';
  const { talk } = await chatSetup(() => events(plain, usage(9, 1), "[DONE]"));
  const answer = await talk.fetch(URL_OF_CHAT, init({ body: made(talk, MAIN) }));
  assertEquals(answer.headers.get("content-type"), "text/event-stream; charset=utf-8");
  const details = '"usage":{"prompt_tokens_details":{"cached_tokens":1},';
  const counted = usage(9, 1).replace('"usage":{', details);
  assertEquals(
    await answer.text(),
    `data: ${FINISH}\n\ndata: ${plain}\n\ndata: ${counted}\n\ndata: [DONE]\n\n`,
  );
});

Deno.test("contract 14: a cancel reaches the service, and nothing is read ahead", async () => {
  let pulls = 0;
  let reason: unknown;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode(`data: ${pulls++}\n\n`)),
    cancel: (given) => void (reason = given),
  }, { highWaterMark: 0 });
  const headers = { "content-type": "text/event-stream" };
  const { talk } = await chatSetup(() => new Response(stream, { headers }));
  const answer = await talk.fetch(URL_OF_CHAT, init({ body: made(talk, MAIN) }));
  assertEquals(pulls, 0);
  const reader = answer.body?.getReader();
  await reader?.read();
  await reader?.read();
  assertEquals(pulls, 2);
  await reader?.cancel("stopped by the user");
  assertEquals([pulls, reason], [2, "stopped by the user"]);
});

Deno.test("a dropped part of a request is logged once", async () => {
  const { talk, environment } = await chatSetup(() => events("[DONE]"));
  for (let turn = 0; turn < 3; turn++) {
    talk.transformRequestBody({ ...body(MAIN), tool_choice: "required" });
  }
  assertEquals(environment.logs.length, 1);
});
