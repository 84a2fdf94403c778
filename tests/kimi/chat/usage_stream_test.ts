import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { readAnswer } from "../../../lib/kimi/chat/answer_stream.ts";

function readUsage(stream: ReadableStream<Uint8Array>, onTotal: (total: number) => void) {
  return readAnswer(stream, { onTotal });
}

type Bytes = Uint8Array<ArrayBuffer>;

const ENCODER = new TextEncoder();

/** A line of a stream, the line that opencode reads, and the total of its usage. */
interface Line {
  readonly given: string;
  readonly wanted?: string;
  readonly total?: number;
}

function sourceOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks);
}

/** Cuts bytes at positions. */
function cut(bytes: Bytes, positions: readonly number[]): readonly Bytes[] {
  const borders = [...new Set(positions.map((at) => at % (bytes.length + 1)))].sort((a, b) =>
    a - b
  );
  return [0, ...borders].map((from, index) => bytes.slice(from, borders[index] ?? bytes.length));
}

async function read(chunks: readonly Bytes[]): Promise<{ bytes: Bytes; totals: number[] }> {
  const totals: number[] = [];
  const stream = readUsage(sourceOf(chunks), (total) => totals.push(total));
  return { bytes: await new Response(stream).bytes(), totals };
}

async function readText(text: string): Promise<{ text: string; totals: readonly number[] }> {
  const { bytes, totals } = await read([ENCODER.encode(text)]);
  return { text: new TextDecoder().decode(bytes), totals };
}

const USAGE = '"prompt_tokens":90,"completion_tokens":10,"total_tokens":100';

function added(cached: number): string {
  return `"prompt_tokens_details":{"cached_tokens":${cached}}`;
}

/** Lines with a usage, each with its result. */
const USAGES: readonly Line[] = [
  {
    given: `{"choices":[],"usage":{${USAGE},"cached_tokens":64}}`,
    wanted: `{"choices":[],"usage":{${added(64)},${USAGE},"cached_tokens":64}}`,
    total: 100,
  },
  {
    given: `{"usage" : { "cached_tokens":"7" , "prompt_tokens":1,"completion_tokens":"2"}}`,
    wanted: `{"usage" : {${
      added(7)
    }, "cached_tokens":"7" , "prompt_tokens":1,"completion_tokens":"2"}}`,
    total: 3,
  },
  {
    given: `{"usage":{"cached_tokens":0,${USAGE},"prompt_tokens_details":{"audio":1}}}`,
    wanted:
      `{"usage":{"cached_tokens":0,${USAGE},"prompt_tokens_details":{"cached_tokens":0,"audio":1}}}`,
    total: 100,
  },
  {
    given: `{"usage":{"cached_tokens":5,"prompt_tokens_details":{ },${USAGE}}}`,
    wanted: `{"usage":{"cached_tokens":5,"prompt_tokens_details":{"cached_tokens":5 },${USAGE}}}`,
    total: 100,
  },
  {
    given: `{"usage":{"cached_tokens":5,"prompt_tokens_details":{"cached_tokens":3},${USAGE}}}`,
    total: 100,
  },
  {
    given: `{"usage":{"cached_tokens":5,"prompt_tokens_details":{"cached_tokens":5},${USAGE}}}`,
    total: 100,
  },
  { given: `{"usage":{"cached_tokens":5,"prompt_tokens_details":null,${USAGE}}}`, total: 100 },
  { given: `{"usage":{"cached_tokens":5,"prompt_tokens_details":[],${USAGE}}}`, total: 100 },
  {
    given: `{"x":"usage","usage":{"cached_tokens":5}}`,
    wanted: `{"x":"usage","usage":{${added(5)},"cached_tokens":5}}`,
  },
  {
    given: `{"x":{"usage":{}},"us\\u0061ge":{"cached_tokens":5}}`,
  },
  {
    given: `{"x":{"usage":{"a":1}},"usage":{"cached_tokens":5}}`,
    wanted: `{"x":{"usage":{"a":1}},"usage":{${added(5)},"cached_tokens":5}}`,
  },
  {
    given: `{"usage" :{"cached_tokens":5},"x":{"usage":{"a":1}}}`,
    wanted: `{"usage" :{${added(5)},"cached_tokens":5},"x":{"usage":{"a":1}}}`,
  },
  { given: `{"usage":{${USAGE}}}`, total: 100 },
  { given: '{"usage":{"total_tokens":42}}', total: 42 },
  { given: `{"choices":[{"usage":{${USAGE},"cached_tokens":9}}]}`, total: 100 },
  { given: `{"choices":[{"usage":{${USAGE}}}],"usage":null}`, total: 100 },
  {
    given:
      `{"x":{"usage":{"a":1}},"choices":[{"delta":{"content":"\\"usage\\":{"}}],"usage":{"cached_tokens":8}}`,
    wanted: `{"x":{"usage":{"a":1}},"choices":[{"delta":{"content":"\\"usage\\":{"}}],"usage":{${
      added(8)
    },"cached_tokens":8}}`,
  },
  { given: '{"usage":{"cached_tokens":null}}' },
  { given: '{"usage":{"cached_tokens":"many","prompt_tokens":"few"}}' },
  { given: '{"usage":[1]}' },
  { given: '{"\\u0075sage":{"prompt_tokens_details":{},"cached_tokens":1},"x":"usages"}' },
  { given: '{"usage":{"cached_tokens":1' },
  { given: '["usage",{"cached_tokens":1}]' },
];

const content = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom('"usage":{"cached_tokens":9}', 'data: {"usage":{}}', "名😀\u2028", "[DONE]"),
).map((text) => ({ given: `data: {"choices":[{"delta":{"content":${JSON.stringify(text)}}}]}` }));

const other = fc.constantFrom(
  ...["", ": ping", "event: message", "data: [DONE]", 'id: {"usage":{"cached_tokens":1}}', "data:"],
).map((given) => ({ given }));

const usage = fc.tuple(fc.constantFrom(...USAGES), fc.constantFrom("data:", "data: "))
  .map(([{ given, wanted = given, total }, field]): Line => ({
    given: field + given,
    wanted: field + wanted,
    ...(total === undefined ? {} : { total }),
  }));

const lines: fc.Arbitrary<readonly Line[]> = fc.array(fc.oneof(content, other, usage), {
  maxLength: 8,
});

Deno.test("contract 14: a stream cut anywhere, with LF or CRLF, keeps every byte and gains only the usage", async () => {
  const ends = fc.constantFrom("\n", "\r\n");
  const cuts = fc.array(fc.nat(), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(lines, ends, fc.boolean(), cuts, async (lines, end, ended, positions) => {
      const join = (texts: readonly string[]) => texts.join(end) + (ended ? end : "");
      const given = ENCODER.encode(join(lines.map(({ given }) => given)));
      const { bytes, totals } = await read(cut(given, positions));
      const wanted = join(lines.map(({ given, wanted = given }) => wanted));
      assertEquals(bytes, ENCODER.encode(wanted));
      assertEquals(totals, lines.flatMap(({ total }) => total ?? []));
    }),
    { numRuns: 300 },
  );
});

Deno.test("contract 14: a usage is read and completed even if each byte comes alone", async () => {
  for (const { given, wanted = given, total } of USAGES) {
    const text = (json: string) => ENCODER.encode(`data: {"é":"名"}\r\n\r\ndata: ${json}\r\n\r\n`);
    const bytes = text(given);
    const whole = await read(cut(bytes, Array.from(bytes, (_, at) => at)));
    assertEquals(whole.bytes, text(wanted));
    assertEquals(whole.totals, total === undefined ? [] : [total]);
  }
});

Deno.test("contract 14: arbitrary bytes pass unchanged and do not throw", async () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  const odd = fc.oneof(
    bytes,
    fc.constantFrom('data:{"usage":', '"usage"', "\n", "}}", "\r\n\r\n")
      .map((text) => ENCODER.encode(text)),
  );
  await fc.assert(fc.asyncProperty(fc.array(odd, { maxLength: 8 }), async (given) => {
    const chunks = given.map((chunk) => new Uint8Array(chunk));
    const { bytes } = await read(chunks);
    assertEquals(bytes, await new Blob(chunks).bytes());
  }));
});

Deno.test("contract 14: empty streams and empty chunks pass", async () => {
  assertEquals((await read([])).bytes.length, 0);
  const empty = new Uint8Array();
  assertEquals((await read([empty, ENCODER.encode("data"), empty])).bytes, ENCODER.encode("data"));
});

Deno.test("contract 14: a line over a megabyte passes unread, and the next line is read", async () => {
  const long = `data: {"text":"${"x".repeat(1 << 20)}","usage":{"cached_tokens":1}}`;
  const chunks = cut(ENCODER.encode(`${long}\ndata: {"usage":{"cached_tokens":2}}\n`), [
    ...[9, (1 << 20) + 9, (1 << 20) + 20],
  ]);
  const { bytes } = await read(chunks);
  const want = `${long}\ndata: {"usage":{${added(2)},"cached_tokens":2}}\n`;
  assert(new TextDecoder().decode(bytes) === want);
});

Deno.test("contract 14: bytes pass at once, except a possible usage, which waits for the end of its line", async () => {
  let give: (text: string) => void = () => {};
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => {
      give = (text) => controller.enqueue(ENCODER.encode(text));
    },
  });
  const reader = readUsage(source, () => {}).getReader();
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  give("data: 1\n\ndata");
  assertEquals(await next(), "data: 1\n\ndata");
  give(': {"usag');
  assertEquals(await next(), ": {");
  give('ers":1}\ndata: {"usage":');
  assertEquals(await next(), '"usagers":1}\ndata: {');
  const last = next();
  give('{"cached_tokens":1}');
  give("}\n");
  assertEquals(await last, `"usage":{${added(1)},"cached_tokens":1}}\n`);
  await reader.cancel();
});

Deno.test("contract 14: the source is read only on demand", async () => {
  let pulls = 0;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(ENCODER.encode(`data: ${++pulls}\n`)),
  }, { highWaterMark: 0 });
  const reader = readUsage(source, () => {}).getReader();
  await Promise.resolve();
  assertEquals(pulls, 0);
  await reader.read();
  assertEquals(pulls, 1);
  await reader.cancel();
});

Deno.test("contract 14: a cancel reaches the source with its reason, and an error reaches the reader", async () => {
  let reason: unknown;
  const endless = new ReadableStream<Uint8Array>({ cancel: (why) => void (reason = why) });
  await readUsage(endless, () => {}).cancel("stopped");
  assertEquals(reason, "stopped");
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new TypeError("connection lost")),
  });
  await assertRejects(() => new Response(readUsage(broken, () => {})).text(), TypeError);
});

Deno.test("contract 4: the total is prompt plus completion tokens, rather than total_tokens", async () => {
  const told = async (usage: string) => (await readText(`data: {"usage":${usage}}\n`)).totals;
  assertEquals(await told('{"prompt_tokens":3,"completion_tokens":4,"total_tokens":999}'), [7]);
  assertEquals(await told('{"prompt_tokens":3,"total_tokens":999}'), [999]);
  assertEquals(await told('{"prompt_tokens":3}'), []);
});
