/** What a process needs in memory, measured where the garbage can be collected at will. */

import { readAnswer } from "../../lib/kimi/chat/answer_stream.ts";
import { chatSetup, events, init, URL_OF_CHAT, usage } from "./chat/fixtures.ts";
import type { Answer } from "../support/environment.ts";
import { login, SECRET } from "./fixtures.ts";

/** Bytes, milliseconds, and what else was counted. */
export interface Measured {
  readonly growth: number;
  readonly milliseconds: number;
  readonly count: number;
}

/** Heap and buffers in use. */
function used(): number {
  const collect: unknown = Reflect.get(globalThis, "gc");
  if (typeof collect !== "function") throw new Error("run with --v8-flags=--expose-gc");
  collect();
  collect();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

/** Tokens as long as real ones: what keeps them shows. */
function longTokens(): Answer {
  let minted = 0;
  const token = (kind: string) => `${SECRET}-${kind}${++minted}`.padEnd(2_000, "x");
  return () =>
    Response.json({
      access_token: token("a"),
      refresh_token: token("r"),
      expires_in: 900,
      token_type: "Bearer",
    });
}

/** Requests of ever new conversations, which refresh on the way, end, are cancelled, or fail. */
export async function soak(requests: number, warmUp: number): Promise<Measured> {
  let answers = 0;
  const made = await chatSetup(() => {
    answers++;
    if (answers % 11 === 0) return Response.json({ error: { message: "busy" } }, { status: 503 });
    return events('{"choices":[{"delta":{"content":"hello"}}]}', usage(9, 1), "[DONE]");
  }, { stored: login(), oauth: longTokens() });
  const { environment, store, talk } = made;
  const ask = async (request: number) => {
    const body = JSON.stringify(talk.transformRequestBody({
      model: "kimi-for-coding",
      messages: [{ role: "user", content: `${request} ${"words ".repeat(200)}` }],
      prompt_cache_key: `ses_${request}`.padEnd(1_000, "x"),
      stream: true,
    }));
    const controller = new AbortController();
    const response = await talk.fetch(URL_OF_CHAT, init({ body, signal: controller.signal }));
    if (request % 7 === 0) await response.body?.cancel();
    else await response.text();
    environment.time += 100_000;
    // What the fixtures note for other tests is no part of what is measured.
    for (const notes of [environment.sent, environment.sleeps, environment.logs, store.writes]) {
      notes.length = 0;
    }
    if (request % 50 === 0) await turn();
  };
  for (let request = 0; request < warmUp; request++) await ask(request);
  const before = used();
  const start = performance.now();
  for (let request = 0; request < requests; request++) await ask(warmUp + request);
  const milliseconds = performance.now() - start;
  await turn();
  return { growth: used() - before, milliseconds, count: answers };
}

/** An endless answer in one direction: what it takes at most, looked at now and then. */
export async function pour(megabytes: number, withLines: boolean): Promise<Measured> {
  const line = `data: {"choices":[{"delta":{"content":"${"x".repeat(200)}"}}]}\n\n`;
  const chunk = new TextEncoder().encode(withLines ? line.repeat(280) : "x".repeat(65_536));
  const total = Math.ceil((megabytes * 1e6) / chunk.length);
  let sent = 0;
  const upstream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent++ < total) controller.enqueue(chunk.slice());
      else controller.close();
    },
  }, { highWaterMark: 0 });
  let count = 0;
  let pieces = 0;
  let most = 0;
  const before = used();
  const start = performance.now();
  for await (const piece of readAnswer(upstream, { onTotal() {} })) {
    count += piece.length;
    if (++pieces % 100 === 0) most = Math.max(most, used());
  }
  const milliseconds = performance.now() - start;
  if (count !== total * chunk.length) throw new Error(`${count} bytes came through`);
  return { growth: most - before, milliseconds, count };
}

if (import.meta.main) {
  const measured = {
    soak: await soak(2_000, 600),
    lines: await pour(100, true),
    oneLine: await pour(100, false),
  };
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(measured)));
}
