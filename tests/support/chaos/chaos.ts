/** Several opencodes on one auth.json while everything goes wrong: killed, stopped, unanswered, overwritten. */

import { dirname, join } from "@std/path";
import { type FakeKimi, startFakeKimi } from "../fake/kimi.ts";
import { createRandom } from "../fake/faults.ts";
import { parseObject } from "../../../lib/kimi/util/json.ts";
import type { Outcome } from "./worker.ts";

/** What to do. */
export interface ChaosOptions {
  readonly seed: number;
  readonly processes?: number;
  readonly requests?: number;
  /** Whether connections drop after the service has rotated: a new login is then the only cure. */
  readonly after?: boolean;
}

/** What came of it. */
export interface ChaosReport {
  readonly seed: number;
  readonly answered: number;
  readonly asked: number;
  readonly failures: readonly string[];
  readonly revokedChains: number;
  readonly refreshes: number;
  readonly entry: Record<string, unknown>;
  readonly others: Record<string, unknown>;
  readonly mode: number;
  readonly remains: readonly string[];
  readonly seconds: number;
}

const ID = "kimi-for-coding-oauth";
const WORKER = new URL("./worker.ts", import.meta.url).pathname;
const LIFETIME = 0.7;

interface Worker {
  readonly process: Deno.ChildProcess;
  readonly outcomes: Promise<readonly Outcome[]>;
  killed: boolean;
}

/** Runs the chaos once. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, processes = 8, requests = 20, after = false } = options;
  const started = performance.now();
  const home = await Deno.makeTempDir({ prefix: "kimi-chaos-" });
  await using fake = await startFakeKimi({
    seed,
    tokenLifetime: LIFETIME,
    faults: [
      { kind: "refresh", probability: 0.1, answer: { status: 503, body: "busy" } },
      { probability: 0.1, answer: after ? "drop-after" : "drop-before" },
    ],
  });
  const auth = await prepare(home, fake);
  const workers = Array.from({ length: processes }, () => start(home, auth, fake, requests));
  const trouble = [
    strike(workers, { auth, fake, random: createRandom(seed), after }),
    overwrite(auth, workers),
  ];
  const outcomes = await Promise.all(workers.map((worker) => worker.outcomes));
  await Promise.all(trouble);
  const report = await inspect(auth, fake);
  const living = outcomes.filter((_, index) => !workers[index]?.killed);
  const failures = living.flat().filter(({ status }) => status !== 200);
  await Deno.remove(home, { recursive: true });
  return {
    seed,
    asked: living.length * requests,
    answered: living.flat().length - failures.length,
    failures: failures.map(({ status, text }) => `${status} ${text.slice(0, 300)}`),
    seconds: (performance.now() - started) / 1000,
    ...report,
  };
}

async function prepare(home: string, fake: FakeKimi): Promise<string> {
  const folder = join(home, "data", "opencode");
  await Deno.mkdir(folder, { recursive: true });
  const { access_token: access, refresh_token: refresh } = fake.issueTokens();
  const auth = join(folder, "auth.json");
  const entries = {
    other: { type: "api", key: "kept" },
    [ID]: { type: "oauth", access, refresh, expires: Date.now() + 700 },
  };
  await Deno.writeTextFile(auth, JSON.stringify(entries, null, 2), { mode: 0o600 });
  return auth;
}

function start(home: string, auth: string, fake: FakeKimi, requests: number): Worker {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", WORKER, auth, String(requests), "60"],
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "", ".cache", "deno"),
      HOME: home,
      XDG_DATA_HOME: join(home, "data"),
      KIMI_CODE_OAUTH_HOST: fake.url,
      KIMI_CODE_BASE_URL: fake.apiBase,
    },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  return { process, outcomes: readOutcomes(process), killed: false };
}

async function readOutcomes(process: Deno.ChildProcess): Promise<readonly Outcome[]> {
  const text = await new Response(process.stdout).text();
  await process.status;
  return text.split("\n").filter((line) => line.endsWith("}")).map((line) => JSON.parse(line));
}

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Kills two processes while each of them refreshes, and stops a third for 5 s. */
async function strike(
  workers: Worker[],
  { auth, fake, random, after }: {
    readonly auth: string;
    readonly fake: FakeKimi;
    readonly random: () => number;
    readonly after: boolean;
  },
): Promise<void> {
  await pause(800 + 400 * random());
  const [stopped] = workers;
  signal(stopped, "SIGSTOP");
  const resumed = setTimeout(() => signal(stopped, "SIGCONT"), 5000);
  void stopped?.outcomes.then(() => clearTimeout(resumed));
  for (let kills = 0; kills < 2; kills++) {
    fake.settings.faults.unshift(
      after ? { kind: "refresh", delayAfter: 400 } : { kind: "refresh", delay: 400 },
    );
    const victim = await refreshing(workers.slice(1), auth, fake);
    if (victim === undefined) return;
    victim.killed = true;
    signal(victim, "SIGKILL");
    await pause(500 + 500 * random());
  }
}

function signal(worker: Worker | undefined, name: Deno.Signal): void {
  try {
    worker?.process.kill(name);
  } catch {
    // It has ended by itself.
  }
}

/** The process that holds the lock while a refresh has been received and is not answered yet. */
async function refreshing(
  workers: readonly Worker[],
  auth: string,
  fake: FakeKimi,
): Promise<Worker | undefined> {
  const owner = join(dirname(auth), "kimi-for-coding-oauth.lock", "owner");
  let isOver = false;
  void Promise.all(workers.map(({ outcomes }) => outcomes)).then(() => isOver = true);
  while (!isOver) {
    const pid = await Deno.readTextFile(owner).then(
      (text) => parseObject(text)?.pid,
      () => undefined,
    );
    const isPending = fake.requestsOf("refresh").at(-1)?.status === 0;
    const worker = workers.find(({ process, killed }) => process.pid === pid && !killed);
    if (isPending && worker !== undefined) return worker;
    await pause(2);
  }
  return undefined;
}

/** As opencode does when the user logs in to another provider meanwhile. */
async function overwrite(auth: string, workers: readonly Worker[]): Promise<void> {
  let running = true;
  void Promise.all(workers.map(({ outcomes }) => outcomes)).then(() => running = false);
  for (let turn = 0; running; turn++) {
    try {
      const entries = JSON.parse(Deno.readTextFileSync(auth));
      entries.login = { type: "api", key: `turn ${turn}` };
      Deno.writeTextFileSync(auth, JSON.stringify(entries, null, 2), { mode: 0o600 });
    } catch {
      // Another opencode is writing: its own login would fail here too.
    }
    await pause(300);
  }
}

async function inspect(
  auth: string,
  fake: FakeKimi,
): Promise<
  Pick<ChaosReport, "entry" | "others" | "mode" | "remains" | "revokedChains" | "refreshes">
> {
  const { [ID]: entry, ...others } = JSON.parse(await Deno.readTextFile(auth));
  const folder = dirname(auth);
  const remains = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name !== "auth.json");
  const { mode } = await Deno.stat(auth);
  const { revokedChains, refreshes } = fake;
  return { entry, others, mode: (mode ?? 0) & 0o777, remains, revokedChains, refreshes };
}
