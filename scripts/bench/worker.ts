/**
 * One of the three in a Bun process of its own: for each line of JSON that it is given, it does what
 * stands there so many times, and prints the milliseconds of each as a line of JSON.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { Bench } from "tinybench";
import { CELLS, inputOf, nameOf } from "./cells.ts";
import { answerOf, answerWith, eventStream, MEGABYTE } from "./network.ts";
import { type Input, type Places, setUp, type Subject, type SubjectName } from "./subjects.ts";

/** What is told to the process when it is started. */
export interface WorkerSetup extends Places {
  readonly subject: SubjectName;
}

/** What it is to do, and how many times. */
export type Order =
  & { readonly count: number }
  & (
    /** One request, from the hooks to the end of a short answer. */
    | { readonly kind: "request"; readonly cell: string }
    /** From the call of `fetch` to the first bytes of the answer. */
    | { readonly kind: "first byte" }
    /** A stream, read to its end as it comes, or as events by the SDK. */
    | { readonly kind: "bytes" | "events"; readonly megabytes: number }
  );

const URL = "https://api.kimi.com/coding/v1/chat/completions";

const SHORT: Input = { prompt: [{ role: "user", content: [{ type: "text", text: "go on" }] }] };

/** What a sample of the order does; what it makes before is not timed. */
function sampler(subject: Subject, order: Order): () => () => Promise<void> {
  if (order.kind === "request") {
    const cell = CELLS.find((cell) => nameOf(cell) === order.cell);
    if (cell === undefined) throw new Error(`There is no cell "${order.cell}"`);
    const json = inputOf(cell);
    return () => {
      const input: Input = JSON.parse(json);
      return () => subject.ask(input);
    };
  }
  if (order.kind === "events") return () => () => subject.ask(SHORT);
  return () => async () => {
    const { body } = await subject.fetch(URL, { method: "POST", headers: {}, body: "{}" });
    const reader = body?.getReader();
    while (reader !== undefined && !(await reader.read()).done) {
      if (order.kind === "first byte") return await reader.cancel();
    }
  };
}

async function sample(subject: Subject, order: Order): Promise<readonly number[]> {
  const { count } = order;
  answerWith("megabytes" in order ? () => eventStream(order.megabytes * MEGABYTE) : answerOf);
  const prepare = sampler(subject, order);
  const bench = new Bench({
    ...{ iterations: count, time: 0, warmup: false },
    ...{ throws: true, retainSamples: true },
  });
  let run = prepare();
  bench.add(order.kind, () => run(), { async: true, beforeEach: () => void (run = prepare()) });
  const [task] = await bench.run();
  if (task?.result.state !== "completed") throw new Error(`${order.kind} was not completed`);
  return task.result.latency.samples ?? [];
}

const setup: WorkerSetup = JSON.parse(process.argv[2] ?? "");
const subject = await setUp(setup.subject, setup);
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await sample(subject, JSON.parse(line)))}\n`);
}
