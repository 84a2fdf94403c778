/**
 * A Bun process of one subject: for each line of JSON with an order, it prints the milliseconds of the
 * fastest of its runs.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { Bench } from "tinybench";
import { CELLS, inputOf, nameOf } from "./cells.ts";
import { answerOf, answerWith, countRefreshes, eventStream, MEGABYTE } from "./network.ts";
import { type Input, type Places, setUp, type Subject, type SubjectName } from "./subjects.ts";

/** The argument of the process. */
export interface WorkerSetup extends Places {
  readonly subject: SubjectName;
}

/** What to do, and how many times. */
export type Order =
  & { readonly count: number }
  & (
    /** One request, from the hooks to the end of a short answer. */
    | { readonly kind: "request"; readonly cell: string }
    /** From the call of `fetch` to the first bytes of the answer. */
    | { readonly kind: "first byte" }
    /** How many refreshes there have been, in place of a time. */
    | { readonly kind: "refreshes" }
    /** A stream, read to its end as it comes, or as events by the SDK. */
    | { readonly kind: "bytes" | "events"; readonly megabytes: number }
  );

const URL = "https://api.kimi.com/coding/v1/chat/completions";

const SHORT: Input = { prompt: [{ role: "user", content: [{ type: "text", text: "go on" }] }] };

/** How many different requests have been asked. */
let asked = 0;

/** Returns what prepares a run, untimed, and returns it. */
function sampler(subject: Subject, order: Order): () => () => Promise<void> {
  if (order.kind === "request") {
    const cell = CELLS.find((cell) => nameOf(cell) === order.cell);
    if (cell === undefined) throw new Error(`There is no cell "${order.cell}"`);
    const json = inputOf(cell);
    return () => {
      const isGrowing = cell.content === "growing";
      const input: Input = JSON.parse(isGrowing ? inputOf(cell, ++asked) : json);
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

async function fastest(subject: Subject, order: Order): Promise<number> {
  answerWith("megabytes" in order ? () => eventStream(order.megabytes * MEGABYTE) : answerOf);
  const prepare = sampler(subject, order);
  const bench = new Bench({ iterations: order.count, time: 0, warmup: false, throws: true });
  let run = prepare();
  bench.add(order.kind, () => run(), { async: true, beforeEach: () => void (run = prepare()) });
  const [task] = await bench.run();
  if (task?.result.state !== "completed") throw new Error(`${order.kind} was not completed`);
  return task.result.latency.min;
}

const setup: WorkerSetup = JSON.parse(process.argv[2] ?? "");
const subject = await setUp(setup.subject, setup);
for await (const line of createInterface({ input: process.stdin })) {
  const order: Order = JSON.parse(line);
  const result = order.kind === "refreshes" ? countRefreshes() : await fastest(subject, order);
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
