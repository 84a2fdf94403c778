/** Questions with a token that is due for a refresh, at a token endpoint that takes 400 ms. */

import type { Effort } from "./measure.ts";
import { type Ground, startWorker, type Worker, writeLogin } from "./processes.ts";

/** Seconds left of a token that each subject counts as due; 60 s before the end ours waits as the peer does. */
const DUE = { ours: 300, peer: 30 };

/** Seconds left of a fresh token. */
const FRESH = 850;

const PROCESSES = 8;

/** Rounds in which code is compiled, and which do not count. */
const WARM_ROUNDS = 2;

/** Milliseconds to the first byte, round by round. */
export interface MeasuredDue {
  readonly fresh: readonly number[];
  readonly due: readonly number[];
}

/** The same of eight processes that ask at once, and how many refreshes each round took. */
export interface MeasuredShared extends MeasuredDue {
  readonly refreshes: readonly number[];
}

/** Times a subject's question with a fresh token, and with one that is due. */
export async function measureDue(
  ground: Ground,
  subject: "ours" | "peer",
  effort: Effort,
): Promise<MeasuredDue> {
  await using worker = startWorker(ground, subject);
  return await measureAll(ground, [worker], DUE[subject], effort);
}

/** Times eight processes of ours on one login. */
export async function measureShared(ground: Ground, effort: Effort): Promise<MeasuredShared> {
  await using stack = new AsyncDisposableStack();
  const workers = Array.from({ length: PROCESSES }, () => stack.use(startWorker(ground, "ours")));
  return await measureAll(ground, workers, DUE.ours, effort);
}

async function measureAll(
  ground: Ground,
  workers: readonly Worker[],
  left: number,
  { rounds }: Effort,
): Promise<MeasuredShared> {
  const measured = { fresh: [] as number[], due: [] as number[], refreshes: [] as number[] };
  const ask = () =>
    Promise.all(workers.map((worker) => worker.measure({ kind: "first byte", count: 1 })));
  const refreshes = async () => {
    const counts = workers.map((worker) => worker.measure({ kind: "refreshes", count: 0 }));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  };
  for (let round = -WARM_ROUNDS; round < rounds; round++) {
    await writeLogin(ground.auth, FRESH);
    const fresh = await ask();
    const before = await refreshes();
    const spent = await writeLogin(ground.auth, left);
    const due = await ask();
    await replaced(ground.auth, spent);
    if (round < 0) continue;
    measured.fresh.push(...fresh);
    measured.due.push(...due);
    measured.refreshes.push(await refreshes() - before);
  }
  return measured;
}

/** Waits until a login has been replaced, and its lock given up. */
async function replaced(auth: string, spent: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    const text = await Deno.readTextFile(auth);
    const folder = auth.slice(0, auth.lastIndexOf("/"));
    if (!text.includes(spent) && [...Deno.readDirSync(folder)].length === 1) return;
  }
  throw new Error("A due token was not refreshed within 5 s");
}
