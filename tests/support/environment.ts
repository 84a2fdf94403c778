import type { CacheFile, Environment } from "../../lib/client/environment.ts";
import type { Device } from "../../lib/kimi/identity/fingerprint.ts";

/** A request as it was handed to `fetch`. */
export interface SentRequest {
  readonly url: string;
  readonly method: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly redirect: RequestRedirect;
  /** The second argument of `fetch`, as it was given. */
  readonly init: RequestInit;
  /** The time of the fake clock. */
  readonly at: number;
}

/** What stands in for the network. */
export type Answer = (request: SentRequest) => Response | Promise<Response>;

/** An {@linkcode Environment} without a clock, a network and a device of its own. */
export interface FakeEnvironment extends Environment {
  /** The fake clock, in milliseconds since 1970. A sleep advances it and ends at once. */
  time: number;
  /** Answers requests; may be replaced at any time. */
  answer: Answer;
  /** Called at the beginning of each sleep. */
  onSleep: (milliseconds: number) => void;
  /** Lengths of all sleeps, in milliseconds. */
  readonly sleeps: number[];
  /** All requests, in order. */
  readonly sent: SentRequest[];
  /** All log lines, as `level: message`. */
  readonly logs: string[];
  /** The file that keeps the account's models. */
  readonly kept: KeptFile;
}

/** A file in memory. */
export interface KeptFile extends CacheFile {
  /** What it holds, if it is there. */
  text: string | undefined;
  /** How often it was replaced. */
  writes: number;
}

function keptFile(): KeptFile {
  const file: KeptFile = {
    path: "/cache/models.json",
    text: undefined,
    writes: 0,
    read: () => Promise.resolve(file.text),
    replace(text) {
      file.text = text;
      file.writes++;
      return Promise.resolve();
    },
  };
  return file;
}

/** What a fake environment is made with. */
export interface FakeEnvironmentOptions {
  readonly answer?: Answer;
  readonly variables?: Readonly<Record<string, string>>;
}

/** When the fake clock starts. */
export const NOW = 1_800_000_000_000;

/** How far the fake clock is ahead of UTC: five and three quarter hours. */
const ZONE_MS = 20_700_000;

/** The machine of the captures. */
export const DEVICE: Device = {
  node: "vm",
  system: "Linux",
  release: "6.18.44",
  machine: "x86_64",
  version: "#1 SMP PREEMPT_DYNAMIC @0",
  id: "0146db0f52544e1bb2a4ae73bbc7b440",
};

/** The identity that kimi-cli sends from that machine. */
export const KIMI_CLI_HEADERS: Readonly<Record<string, string>> = {
  "user-agent": "KimiCLI/1.51.0",
  "x-msh-device-id": "0146db0f52544e1bb2a4ae73bbc7b440",
  "x-msh-device-model": "Linux 6.18.44 x86_64",
  "x-msh-device-name": "vm",
  "x-msh-os-version": "#1 SMP PREEMPT_DYNAMIC @0",
  "x-msh-platform": "kimi_cli",
  "x-msh-version": "1.51.0",
};

async function readSent(request: Request, init: RequestInit, at: number): Promise<SentRequest> {
  const { url, method, redirect } = request;
  const headers = Object.fromEntries(request.headers);
  return { url, method, headers, body: await request.text(), redirect, init, at };
}

/** @returns A rejection once the signal is aborted, as `fetch` gives it. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** Makes a fake environment. Without an answer each request fails, as it does offline. */
export function fakeEnvironment(options: FakeEnvironmentOptions = {}): FakeEnvironment {
  const environment: FakeEnvironment = {
    time: NOW,
    answer: options.answer ?? (() => Promise.reject(new TypeError("fetch failed: ECONNREFUSED"))),
    onSleep: () => {},
    sleeps: [],
    sent: [],
    logs: [],
    kept: keptFile(),
    variables: options.variables ?? {},
    now: () => environment.time,
    localTime: (time) => `${new Date(time + ZONE_MS).toISOString().slice(0, 16)} here`,
    async fetch(input, init = {}) {
      const { signal } = init;
      signal?.throwIfAborted();
      const sent = await readSent(new Request(input, init), init, environment.time);
      environment.sent.push(sent);
      const answer = Promise.resolve(environment.answer(sent));
      return await (signal ? Promise.race([answer, aborted(signal)]) : answer);
    },
    sleep(milliseconds, signal) {
      environment.sleeps.push(milliseconds);
      environment.onSleep(milliseconds);
      if (signal?.aborted) return Promise.reject(signal.reason);
      environment.time += milliseconds;
      return Promise.resolve();
    },
    // A watch of minutes runs beside what a test does.
    alarm: () => () => {},
    device: () => Promise.resolve(DEVICE),
    authFile: () => Promise.resolve(undefined),
    readFile: () => Promise.reject(new Error("it cannot be read (ENOENT)")),
    randomUUID: () => "00000000-0000-4000-8000-000000000000",
    modelsFile: () => Promise.resolve(environment.kept),
    log: (level, message) => void environment.logs.push(`${level}: ${message}`),
  };
  return environment;
}
