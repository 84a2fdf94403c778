/** Several opencodes on one auth.json while everything goes wrong: killed, stopped, unanswered, overwritten. */

import { dirname, join } from "@std/path";
import { type FakeKimi, startFakeKimi } from "../fake/kimi.ts";
import { createRandom } from "../fake/faults.ts";
import { replaceEntry } from "../../../lib/client/auth_json/edit.ts";
import { look, readHolder } from "../../../lib/runtime/fs/lock_holder.ts";
import {
  CALM,
  harshTrouble,
  lifetimeOf,
  LOSING,
  overwrite,
  type Step,
  STEPS,
  type Trouble,
} from "./trouble.ts";
import { startScript } from "./process.ts";
import type { Outcome } from "./worker.ts";

/** What to do. */
export interface ChaosOptions {
  readonly seed: number;
  readonly processes?: number;
  readonly requests?: number;
  /** Whether connections drop after the service has rotated: a new login is then the only cure. */
  readonly after?: boolean;
  /**
   * Whether disks are slow, or full for a while, the token endpoint takes up to 14.9 s once, the clock of one process
   * jumps, and some process dies at a step of a refresh, a different one for each seed.
   */
  readonly harsh?: boolean;
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
  /** Whether all entries but the login have the bytes that opencode wrote last. */
  readonly othersKeepBytes: boolean;
  /** The step at which a process was to die, and whether one did. */
  readonly step: Step | undefined;
  readonly hasDied: boolean;
  /** Whether a process died that may have had the only copy of the login. */
  readonly mayBeLost: boolean;
  readonly mode: number;
  readonly remains: readonly string[];
  readonly seconds: number;
}

/** A refresh that is not answered for so long is noticed, and its process killed, on a loaded machine too. */
const KILL_MS = 1_000;

const ID = "kimi-for-coding-oauth";
const WORKER = new URL("./worker.ts", import.meta.url).pathname;
const LIFETIME = 0.7;

/**
 * How many requests a process makes, and the milliseconds between them. If the disk takes up to 6 s, others
 * wait for a refresh in vain, and try again after half a minute.
 */
const SLOW = { requests: 7, pause: 5_000 };
const HARSH = { requests: 10, pause: 60 };
const USUAL = { requests: 20, pause: 60 };

interface Worker {
  readonly process: Deno.ChildProcess;
  readonly outcomes: Promise<readonly Outcome[]>;
  killed: boolean;
}

/** Runs the chaos once. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, processes = 8, after = false, harsh = false } = options;
  const lifetime = harsh ? lifetimeOf(seed) : LIFETIME;
  const pace = !harsh ? USUAL : lifetime > 60 ? SLOW : HARSH;
  const { requests = pace.requests } = options;
  const started = performance.now();
  const home = await Deno.makeTempDir({ prefix: "kimi-chaos-" });
  await using fake = await startFakeKimi({
    seed,
    tokenLifetime: lifetime,
    faults: [
      { kind: "refresh", probability: 0.1, answer: { status: 503, body: "busy" } },
      { probability: 0.1, answer: after ? "drop-after" : "drop-before" },
    ],
  });
  const auth = await prepare(home, fake, lifetime);
  const step = harsh ? STEPS[Math.floor(seed / 2) % STEPS.length] : undefined;
  const grave = join(home, "grave");
  const workers = Array.from({ length: processes }, (_, index) => {
    const trouble = step ? harshTrouble(seed, index, { at: step, grave }) : CALM;
    return start(home, auth, fake, { requests, pause: pace.pause, trouble });
  });
  if (harsh) {
    fake.settings.faults.unshift({ kind: "refresh", delay: 14_900 * createRandom(seed)() });
  }
  const ended = Promise.all(workers.map((worker) => worker.outcomes));
  const [written, isLate] = await Promise.all([
    overwrite(auth, ended),
    strike(workers, { auth, fake, random: createRandom(seed), after }),
  ]);
  const outcomes = await ended;
  // Whoever comes next finds nothing in its way.
  fake.settings.faults = [];
  const next = await start(home, auth, fake, { requests: 1, pause: 0, trouble: CALM }).outcomes;
  const report = await inspect(auth, fake, written);
  const dead = Number(await Deno.readTextFile(grave).catch(() => "0"));
  const living = outcomes.filter((_, index) => {
    const worker = workers[index];
    return !worker?.killed && worker?.process.pid !== dead;
  });
  const answers = [...living.flat(), ...next];
  const failures = answers.filter(({ status }) => status !== 200);
  await Deno.remove(home, { recursive: true });
  return {
    seed,
    asked: living.length * requests + 1,
    answered: answers.length - failures.length,
    failures: failures.map(({ status, text }) => `${status} ${text.slice(0, 300)}`),
    step,
    hasDied: dead !== 0,
    mayBeLost: isLate || (step !== undefined && dead !== 0 && LOSING.has(step)),
    seconds: (performance.now() - started) / 1000,
    ...report,
  };
}

async function prepare(home: string, fake: FakeKimi, lifetime: number): Promise<string> {
  const folder = join(home, "data", "opencode");
  await Deno.mkdir(folder, { recursive: true });
  const { access_token: access, refresh_token: refresh } = fake.issueTokens();
  const auth = join(folder, "auth.json");
  const entries = {
    other: { type: "api", key: "kept" },
    [ID]: { type: "oauth", access, refresh, expires: Date.now() + lifetime * 1_000 },
  };
  await Deno.writeTextFile(auth, JSON.stringify(entries, null, 2), { mode: 0o600 });
  return auth;
}

function start(
  home: string,
  auth: string,
  fake: FakeKimi,
  { requests, pause, trouble }: {
    readonly requests: number;
    readonly pause: number;
    readonly trouble: Trouble;
  },
): Worker {
  const orders = [auth, String(requests), String(pause), JSON.stringify(trouble)];
  const process = startScript(WORKER, { args: orders, home, fake });
  return { process, outcomes: readOutcomes(process), killed: false };
}

async function readOutcomes(process: Deno.ChildProcess): Promise<readonly Outcome[]> {
  const text = await new Response(process.stdout).text();
  await process.status;
  return text.split("\n").filter((line) => line.endsWith("}")).map((line) => JSON.parse(line));
}

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/**
 * Kills two processes while each of them refreshes, and stops a third for 5 s. Returns whether one was
 * killed so late that it had its answer already.
 */
async function strike(
  workers: Worker[],
  { auth, fake, random, after }: {
    readonly auth: string;
    readonly fake: FakeKimi;
    readonly random: () => number;
    readonly after: boolean;
  },
): Promise<boolean> {
  await pause(800 + 400 * random());
  const [stopped] = workers;
  signal(stopped, "SIGSTOP");
  const resumed = setTimeout(() => signal(stopped, "SIGCONT"), 5000);
  void stopped?.outcomes.then(() => clearTimeout(resumed));
  let isLate = false;
  for (let kills = 0; kills < 2; kills++) {
    fake.settings.faults.unshift({ kind: "refresh", [after ? "delayAfter" : "delay"]: KILL_MS });
    const victim = await refreshing(workers.slice(1), auth, fake);
    if (victim === undefined) break;
    victim.killed = true;
    const request = fake.requestsOf("refresh").at(-1);
    signal(victim, "SIGKILL");
    await pause(KILL_MS + 500 * random());
    isLate ||= request?.status !== 0;
  }
  return isLate;
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
  const lock = join(dirname(auth), "kimi-for-coding-oauth.lock");
  let isOver = false;
  void Promise.all(workers.map(({ outcomes }) => outcomes)).then(() => isOver = true);
  while (!isOver) {
    const pid = readHolder((await look(lock))?.name ?? "")?.pid;
    const isPending = fake.requestsOf("refresh").at(-1)?.status === 0;
    const worker = workers.find(({ process, killed }) => process.pid === pid && !killed);
    if (isPending && worker !== undefined) return worker;
    await pause(2);
  }
  return undefined;
}

async function inspect(auth: string, fake: FakeKimi, written: string) {
  const text = await Deno.readTextFile(auth);
  const othersKeepBytes = replaceEntry(text, ID, "") === replaceEntry(written, ID, "");
  const { [ID]: entry, ...others } = JSON.parse(text);
  const folder = dirname(auth);
  const remains = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name !== "auth.json");
  const { mode } = await Deno.stat(auth);
  const { revokedChains, refreshes } = fake;
  const found = { entry, others, othersKeepBytes, mode: (mode ?? 0) & 0o777, remains };
  return { ...found, revokedChains, refreshes };
}
