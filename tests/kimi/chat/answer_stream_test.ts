import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { type AnswerHandlers, readAnswer } from "../../../lib/kimi/chat/answer_stream.ts";

function sse(...events: readonly unknown[]): string {
  return events.map((event) =>
    `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`
  ).join("");
}

function delta(delta: unknown, finish_reason: string | null = null) {
  return { choices: [{ index: 0, delta, finish_reason }] };
}

const TEXT = delta({ content: "Hello" });
const FINISH = delta({}, "stop");
const USAGE = {
  choices: [],
  usage: { prompt_tokens: 9, completion_tokens: 1, cached_tokens: 8 },
};

/** Pieces of a text, cut at the given places. */
function cutAt(text: string, places: readonly number[]): readonly Uint8Array[] {
  const bytes = new TextEncoder().encode(text);
  const stops = [0, ...places.map((place) => place % bytes.length), bytes.length].toSorted((a, b) =>
    a - b
  );
  return stops.slice(1).map((stop, index) => bytes.slice(stops[index], stop));
}

function streamOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(pieces.filter(({ length }) => length > 0));
}

async function read(
  text: string,
  handlers: Partial<AnswerHandlers> = {},
  places: readonly number[] = [],
): Promise<string> {
  const stream = readAnswer(streamOf(cutAt(text, places)), {
    onTotal() {},
    failure: (what) => new Error(typeof what === "string" ? what : JSON.stringify(what.event)),
    ...handlers,
  });
  return await new Response(stream).text();
}

Deno.test("readAnswer() passes on an answer that is whole, with or without [DONE]", async () => {
  for (const text of [sse(TEXT, FINISH, "[DONE]"), sse(TEXT, FINISH)]) {
    assertEquals(await read(text), text);
  }
});

for (const reason of ["stop", "length", "tool_calls", "function_call"]) {
  Deno.test(`readAnswer() takes an answer that ends with ${reason} for whole`, async () => {
    const text = sse(TEXT, delta({}, reason));
    assertEquals(await read(text), text);
  });
}

Deno.test("readAnswer() takes an answer that a content filter ended for whole, unless the caller does not", async () => {
  for (
    const text of [
      sse(delta({}, "content_filter")),
      sse(TEXT, delta({}, "content_filter"), "[DONE]"),
    ]
  ) {
    const seen: unknown[] = [];
    const failure = (what: unknown) => {
      seen.push(what);
      return undefined;
    };
    assertEquals(await read(text, { failure }), text);
    assertEquals(seen, ["filtered"]);
    await assertRejects(() => read(text), Error, "filtered");
  }
});

Deno.test("readAnswer() fails if an answer has no finish reason", async () => {
  for (const text of [sse(TEXT), sse(TEXT, "[DONE]"), sse(TEXT, USAGE), 'data: {"choices":[{']) {
    await assertRejects(() => read(text), Error, "cut");
  }
});

Deno.test("readAnswer() fails if nothing came", async () => {
  for (const text of ["\n", ": keep-alive\n\n", sse("[DONE]"), "<html>login</html>", "OK"]) {
    await assertRejects(() => read(text), Error, "empty");
  }
});

Deno.test("readAnswer() reads a finish reason that nobody knows as stop", async () => {
  const reasons: string[] = [];
  const text = sse(TEXT, delta({}, "eos"), "[DONE]");
  const given = await read(text, { onUnknownReason: (reason) => reasons.push(reason) });
  assertEquals(reasons, ["eos"]);
  assert(given.startsWith(text));
  assert(given.endsWith('"finish_reason":"stop"}]}\n\n'));
});

Deno.test("readAnswer() gives what came before an error event, and then the error", async () => {
  const error = { error: { type: "engine_overloaded_error", message: "busy" } };
  const stream = readAnswer(streamOf([new TextEncoder().encode(sse(TEXT, error, TEXT))]), {
    onTotal() {},
    failure: (what) => new Error(JSON.stringify(what)),
  });
  const reader = stream.getReader();
  const first = await reader.read();
  assertEquals(new TextDecoder().decode(first.value), sse(TEXT));
  await assertRejects(() => reader.read(), Error, "engine_overloaded_error");
});

Deno.test("readAnswer() fails with an error event that is a text", async () => {
  await assertRejects(
    () => read('event: error\ndata: {"error":"internal"}\n\n'),
    Error,
    "internal",
  );
});

Deno.test("readAnswer() takes text that speaks of errors for text", async () => {
  const text = sse(delta({ content: '{"error":"x"} "usage":{} tool_calls' }), FINISH);
  assertEquals(await read(text), text);
});

Deno.test("readAnswer() gives the names of tools that the client knows", async () => {
  const call = (name: string) => ({ index: 0, id: "a", type: "function", function: { name } });
  const toolNames = new Map([["t_21st_1234abcd", "21st"], ["docs___1234abcd", "docs_查询"]]);
  const wire = sse(
    delta({ tool_calls: [call("t_21st_1234abcd")] }),
    delta({ tool_calls: [{ ...call("docs___1234abcd"), index: 1, id: "b" }] }),
    delta({ tool_calls: [{ index: 1, function: { arguments: '"name":"t_21st_1234abcd"' } }] }),
    delta({}, "tool_calls"),
  );
  const wanted = wire.replace('"name":"t_21st_1234abcd"', '"name":"21st"')
    .replace('"name":"docs___1234abcd"', '"name":"docs_查询"');
  assertEquals(await read(wire, { toolNames }), wanted);
});

Deno.test("readAnswer() gives the second call of an id an id of its own", async () => {
  const call = (index: number) => ({ index, id: "bash:0", function: { name: "bash" } });
  const wire = sse(
    delta({ tool_calls: [call(0)] }),
    delta({ tool_calls: [call(1)] }),
    delta({ tool_calls: [call(1)] }),
    delta({}, "tool_calls"),
  );
  const given = await read(wire);
  assertEquals(given.match(/"id":"[^"]*"/g), [
    '"id":"bash:0"',
    '"id":"bash:0_2"',
    '"id":"bash:0_2"',
  ]);
});

Deno.test("readAnswer() does the same wherever the network cuts the stream", async () => {
  const tools = [{ index: 0, id: "a", function: { name: "t_x_1234abcd", arguments: "{}" } }];
  const again = [{ index: 1, id: "a", function: { name: "bash", arguments: "{}" } }];
  const text = sse(TEXT, delta({ tool_calls: tools }), delta({ tool_calls: again })) +
    sse(delta({ content: "é “usage”" }), delta({}, "tool_calls"), USAGE, "[DONE]");
  const toolNames = new Map([["t_x_1234abcd", "查询"]]);
  const whole = await read(text, { toolNames });
  assert(whole.includes('"prompt_tokens_details":{"cached_tokens":8}') && whole.includes("查询"));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(2_000), { maxLength: 6 }), async (places) => {
      const totals: number[] = [];
      const handlers = { toolNames, onTotal: (total: number) => totals.push(total) };
      assertEquals(await read(text, handlers, places), whole);
      assertEquals(totals, [10]);
    }),
    { numRuns: 300 },
  );
});

Deno.test("readAnswer() reads nothing ahead, and passes a cancel on", async () => {
  let pulled = 0;
  let reason: unknown;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode(sse({ n: ++pulled }))),
    cancel: (given) => void (reason = given),
  }, { highWaterMark: 0 });
  const reader = readAnswer(source, { onTotal() {}, failure: () => new Error() }).getReader();
  await reader.read();
  assertEquals(pulled, 1);
  await reader.cancel("enough");
  assertEquals(reason, "enough");
});
