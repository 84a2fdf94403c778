/** One turn: from a question to the end of its answer (model-request 0330149c and 70193593429). */

import {
  attempt,
  type Control,
  Failed,
  type Prepared,
  type Question,
  type ResolvedModel,
  type TurnParts,
} from "./attempt.ts";
import { nativeBody, type Shape } from "./body.ts";
import { delayOf, isRetried } from "./stream.ts";
import { type Json, type Kind, messageOf, object, type Outcome, type Said } from "../types.ts";

export type { Question, ResolvedModel, TurnParts } from "./attempt.ts";

/** A turn that runs. */
export interface Turn {
  readonly outcome: Promise<Outcome>;
  /** As the user does with Escape. */
  readonly interrupt: () => Promise<void>;
  /** Ends when nothing of the turn runs any more. */
  readonly settled: Promise<void>;
}

/** Tries beside the first. */
const MORE_TRIES = 4;

/** Starts a turn. */
export function startTurn(parts: TurnParts, question: Question): Turn {
  const abort = new AbortController();
  const control: Control = { interrupted: false, output: false, reader: undefined, abort };
  const stopped = Promise.withResolvers<Outcome>();
  const work = runTurn(parts, question, control);
  return {
    outcome: Promise.race([work, stopped.promise]),
    settled: work.then(() => {}),
    async interrupt() {
      control.interrupted = true;
      stopped.resolve({ is: "interrupted" });
      if (control.reader === undefined) control.abort.abort();
      else await control.reader.cancel("interrupted").catch(() => {});
    },
  };
}

async function runTurn(
  parts: TurnParts,
  question: Question,
  control: Control,
): Promise<Outcome> {
  try {
    const model = await parts.resolve(question.model);
    const kind = question.kind ?? "primary";
    if (kind === "primary" && parts.switches.warms) {
      const first = await prepare(parts, { ...question, tools: [] }, model, "warming", control);
      await attempt(first).catch(() => {});
      control.output = false;
    }
    const prepared = await prepare(parts, question, model, kind, control);
    return { is: "done", ...await withRetries(prepared) };
  } catch (error) {
    if (error instanceof Failed) return { is: "failed", error: error.failure };
    // Whatever a plugin throws ends the turn with its message: no retry hook, no retry.
    return { is: "failed", error: { type: "defect", message: messageOf(error) } };
  }
}

/** The shape hook runs once for each step of a turn, not for each try. */
async function prepare(
  parts: TurnParts,
  question: Question,
  model: ResolvedModel,
  kind: Kind,
  control: Control,
): Promise<Prepared> {
  const { hooks, switches } = parts;
  const { session, agent = "build", system, messages, tools = [] } = question;
  const { id, providerID, variant } = model;
  const event = {
    sessionID: session,
    agent,
    model: { id, providerID, ...(variant === undefined ? {} : { variant }) },
  };
  const shape = {
    ...event,
    ...(switches.shapeKind ? { kind } : {}),
    system: system === undefined ? [] : [system],
    messages: structuredClone(messages),
    options: switches.fillsMaxTokens ? maxTokens(kind, model) : {},
    tools: Object.fromEntries(
      tools.map((tool) => [tool.name, { description: tool.description, input: tool.parameters }]),
    ),
  };
  await hooks.run(kind === "primary" || kind === "warming" ? "context" : kind, shape);
  const limit = object(shape.options).maxTokens;
  const written: Shape = {
    system: shape.system,
    messages: shape.messages,
    tools: Object.entries(shape.tools)
      .map(([name, { description, input }]) => ({ name, description, parameters: input })),
    ...(typeof limit === "number" ? { maxTokens: limit } : {}),
  };
  const body = nativeBody(written, model, question.root ?? session, switches);
  return { parts, question, model, kind, event: { ...event, kind }, body, control };
}

function maxTokens(kind: Kind, { limit }: ResolvedModel): Json {
  if (kind !== "primary" && kind !== "compaction") return {};
  const most = Math.min(Number(limit.output) || 32_000, kind === "primary" ? 256_000 : 32_000);
  return { maxTokens: Math.max(1024, most) };
}

async function withRetries(prepared: Prepared): Promise<Said> {
  const { parts: { hooks, clock }, event, control } = prepared;
  for (let number = 1;; number++) {
    try {
      return await attempt(prepared);
    } catch (error) {
      if (!(error instanceof Failed) || control.interrupted) throw error;
      const { failure, headers } = error;
      const wish = headers?.get("x-should-retry");
      const again = wish === "true" || (wish !== "false" && isRetried(failure));
      const isLast = number > MORE_TRIES || control.output;
      const delay = delayOf(headers, number + 1);
      const decision = again && !isLast ? { retry: true, delay } : { retry: false };
      const asked = { ...event, error: failure, attempt: number + 1, decision };
      await hooks.run("retry", asked);
      const decided = object(asked.decision);
      if (decided.retry !== true || isLast) throw error;
      await clock.sleep(Number(decided.delay));
    }
  }
}
