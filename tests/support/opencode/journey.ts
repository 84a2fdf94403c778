/**
 * The main job on the real opencode against the fake Kimi, and what was seen of it.
 *
 * @module
 */
import { join } from "@std/path";
import { type FakeKimi, type RecordedRequest, startFakeKimi, TOKEN_MARKER } from "../fake/kimi.ts";
import {
  type Answer,
  type AskOptions,
  MODEL,
  type Opencode,
  openOpencode,
  succeeded,
} from "./opencode.ts";
import { PLAIN_MODEL, type PlainProvider, startPlainProvider } from "../../e2e/plain_provider.ts";
import type { Outcome } from "../process.ts";
import type { OpencodeVersion } from "../tools.ts";

/** A real opencode with the plugin configured, and the services it talks to. */
export interface Stage extends AsyncDisposable {
  readonly opencode: Opencode;
  readonly kimi: FakeKimi;
  readonly plain: PlainProvider;
}

/** What was seen, from before the login to the last answer. */
export interface Journey {
  /** `opencode models` before the login. */
  readonly models: readonly string[];
  /** A question before the login. */
  readonly refused: Outcome;
  readonly login: Outcome;
  /** A question that calls a tool. */
  readonly first: Answer;
  /** The session's second question, at effort `high`, with the access token expired on the server. */
  readonly second: Answer;
  /** A question to another provider. */
  readonly plain: Answer;
  /** What the fake Kimi received. */
  readonly requests: readonly RecordedRequest[];
  /** Those that came before the login. */
  readonly early: readonly RecordedRequest[];
  /** Headers that the other provider received, one text for each request. */
  readonly plainHeaders: readonly string[];
  /** When the access token expired, between the two questions; in milliseconds since the epoch. */
  readonly expiredAt: number;
  /** What the file that is shared with kimi-cli holds. */
  readonly deviceId: string;
  /** Files below the home that hold a token. */
  readonly holdingTokens: readonly string[];
}

/** Runs one step: the demo prints its title, its time and what `tell` says of it. */
export type Step = <T>(
  title: string,
  work: () => Promise<T>,
  tell: (result: T) => readonly string[],
) => Promise<T>;

const silently: Step = (_title, work) => work();

const ECHO = { name: "bash", arguments: '{"command":"echo hi","description":"Print hi"}' };

/** Sets up an opencode whose `opencode.json` holds the plugin and one other provider. */
export async function openStage(
  version: OpencodeVersion,
  plugin: string,
  client?: "kimi-code" | "opencode",
): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const kimi = opened.use(
    await startFakeKimi({ deviceInterval: 1, identity: client ?? "kimi-cli" }),
  );
  const plain = opened.use(startPlainProvider());
  const named = client === undefined ? plugin : [plugin, { client }];
  const config = { plugin: [named], provider: plain.config };
  const opencode = opened.use(await openOpencode({ version, config, kimi }));
  const kept = opened.move();
  return { opencode, kimi, plain, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Goes through the main job, step by step. */
export async function travel(stage: Stage, step: Step = silently): Promise<Journey> {
  const { opencode, kimi, plain } = stage;
  const asked = (message: string, options: AskOptions) =>
    step(titleOf(options), () => opencode.ask(message, options), (result) => said(message, result));
  const models = await step(
    "list the models, not logged in",
    opencode.models,
    (listed) => listed.filter((model) => model === MODEL),
  );
  const refused = await step(
    "ask before the login",
    () => opencode.command(["run", "--model", MODEL, "Hello"]),
    ({ stdout, stderr }) => linesOf(stdout + stderr).filter((line) => line.includes("Kimi")),
  );
  const early = [...kimi.requests];
  const login = await step(
    "log in by device code",
    async () => succeeded(await opencode.login()),
    ({ stdout }) =>
      linesOf(stdout).filter((line) => /^(Go to|Confirm|Login)/.test(line))
        .map((line) =>
          line.startsWith("Go to") ? `${line} (made up, and confirmed already)` : line
        ),
  );
  kimi.settings.answers.push({ reasoning: "I will run it.", toolCalls: [ECHO] });
  const first = await asked("What does `echo hi` print?", {});
  const expiredAt = expire(kimi);
  const second = await asked("Thank you. Anything else?", { continue: true, variant: "high" });
  kimi.settings.faults.splice(0);
  const other = await asked("Hello, parrot", { model: PLAIN_MODEL });
  return {
    models,
    refused,
    login,
    first,
    second,
    plain: other,
    requests: [...kimi.requests],
    early,
    expiredAt,
    plainHeaders: plain.requests.map(({ headers }) => [...headers].join("\n")),
    deviceId: await Deno.readTextFile(join(opencode.home, ".kimi/device_id")).catch(() => ""),
    holdingTokens: await filesHolding(opencode, TOKEN_MARKER),
  };
}

function titleOf({ continue: again, model }: AskOptions): string {
  if (model !== undefined) return "ask another provider";
  return again === true
    ? "ask on at effort high, the access token expired meanwhile"
    : "ask a question that needs a tool";
}

function said(message: string, { events, text, cached }: Answer): string[] {
  const tools = events.filter(({ type }) => type === "tool_use").map(({ part }) => part?.tool);
  return [
    `you:   ${message}`,
    ...tools.map((tool) => `tool:  ${tool}`),
    `model: ${text}`,
    ...(cached > 0 ? [`cache: ${cached} prompt tokens read from it`] : []),
  ];
}

function linesOf(text: string): string[] {
  return text.split(/[\n◐◓◑◒◇●]/).map((line) => line.trim());
}

/** Expires the access token; the model list, asked at each start, gets no answer meanwhile. */
function expire(kimi: FakeKimi): number {
  kimi.settings.faults.push({ kind: "models", answer: "hang", times: "always" });
  kimi.expireAccessTokens();
  return Date.now();
}

async function filesHolding(opencode: Opencode, marker: string): Promise<string[]> {
  const found: string[] = [];
  for (const file of await opencode.listFiles()) {
    const bytes = await Deno.readFile(join(opencode.home, file));
    if (new TextDecoder("latin1").decode(bytes).includes(marker)) found.push(file);
  }
  return found;
}
