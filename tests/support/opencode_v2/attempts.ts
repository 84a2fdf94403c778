/** Attempts to log in (integration.ts 0cf6dc2d). */

import { checkCredential, type CredentialTable } from "./credentials.ts";
import type { Integrations, Method } from "./integrations.ts";
import {
  type Clock,
  HostError,
  isFunction,
  isObject,
  type Json,
  messageOf,
  object,
  refuse,
} from "./types.ts";

/** How an attempt stands. */
export interface AttemptStatus {
  readonly status: "pending" | "complete" | "failed" | "expired" | "cancelled";
  readonly message?: string;
  readonly credentialID?: string;
}

/** An attempt as a client sees it. */
export interface Attempt {
  readonly attemptID: string;
  readonly url: string;
  readonly instructions: string;
  readonly mode: "auto" | "code";
  readonly time: { readonly created: number; readonly expires: number };
}

/** What a client asks of a login. */
export interface LoginInput {
  readonly integrationID: string;
  readonly methodID: string;
  readonly answer?: Json;
  readonly label?: string;
}

/** The client's calls. */
export interface Attempts {
  readonly connect: (input: LoginInput) => Promise<Attempt>;
  readonly status: (attemptID: string) => AttemptStatus;
  readonly complete: (attemptID: string, code: string) => Promise<void>;
  /** The plugin gets no signal of it. */
  readonly cancel: (attemptID: string) => void;
  /** Waits for the end of an attempt's callback. */
  readonly ended: (attemptID: string) => Promise<AttemptStatus>;
}

/** An attempt lives for so long, unless it says when it expires. */
const LIFE_MS = 600_000;

/** An attempt that has ended is forgotten after this. */
const KEPT_MS = 60_000;

interface Running extends Attempt {
  state: AttemptStatus;
  endedAt: number;
  ended: Promise<void>;
  readonly finish: (work: Promise<unknown>) => Promise<void>;
  readonly code: ((code: string) => unknown) | undefined;
}

interface Parts {
  readonly table: CredentialTable;
  readonly clock: Clock;
  readonly integrations: () => Integrations;
  readonly dropsCallback: boolean;
  readonly emit: (type: string, data: Json) => void;
  /** The service's log. */
  readonly log: (line: string) => void;
}

/** Makes the attempts of one location. */
export function createAttempts(parts: Parts): Attempts {
  const { clock, integrations, log, dropsCallback } = parts;
  const running = new Map<string, Running>();
  const at = (id: string): Running => {
    const found = running.get(id);
    if (found === undefined || clock.now() > found.endedAt + KEPT_MS) {
      throw new HostError(404, `attempt ${id} not found`);
    }
    if (found.state.status === "pending" && clock.now() >= found.time.expires) {
      found.state = { status: "expired" };
      found.endedAt = clock.now();
    }
    return found;
  };
  return {
    async connect(input) {
      const integration = integrations().get(input.integrationID);
      const method = integration?.methods.find(({ id }) => id === input.methodID);
      if (integration === undefined || method === undefined) {
        throw new HostError(404, `there is no method ${input.methodID}`);
      }
      const started = await begin(method, checkAnswer(method, input.answer ?? {}), log);
      const attempt = createAttempt(parts, started, input, method);
      running.set(attempt.attemptID, attempt);
      const { callback } = started;
      if (attempt.mode === "auto") {
        const listen = () => attempt.finish(Promise.resolve(callback));
        // A fiber that is cancelled before it starts listens to nothing.
        attempt.ended = dropsCallback ? later(attempt, listen) : listen();
      }
      const { attemptID, url, instructions, mode, time } = attempt;
      return { attemptID, url, instructions, mode, time };
    },
    status: (id) => at(id).state,
    async complete(id, code) {
      const attempt = at(id);
      if (attempt.code === undefined) throw new HostError(400, "the attempt asks for no code");
      await attempt.finish(Promise.resolve(attempt.code(code)));
    },
    cancel(id) {
      const attempt = at(id);
      if (attempt.state.status === "pending") attempt.state = { status: "cancelled" };
    },
    async ended(id) {
      await at(id).ended;
      return at(id).state;
    },
  };
}

async function later(attempt: Running, listen: () => Promise<void>): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  if (attempt.state.status === "pending") await listen();
}

/** A rejected `authorize` is a defect: the client sees a number, and only the log the words. */
async function begin(method: Method, answer: Json, log: Parts["log"]): Promise<Json> {
  try {
    const started: unknown = await method.authorize(answer);
    if (!isObject(started)) throw new TypeError("authorize gave no object");
    const { mode, url, instructions, callback, expiresAt } = started;
    refuse(mode !== "auto" && mode !== "code", `mode ${String(mode)} is not known`);
    refuse(typeof url !== "string" || typeof instructions !== "string", "url, instructions");
    refuse(expiresAt !== undefined && !Number.isInteger(expiresAt), "expiresAt is a whole number");
    // In mode auto the callback is the running promise itself.
    const isWrong = mode === "auto" ? !(callback instanceof Promise) : !isFunction(callback);
    refuse(isWrong, `the callback of mode ${String(mode)} is of another kind`);
    return started;
  } catch (error) {
    log(`authorize failed: ${messageOf(error)}`);
    throw new HostError(500, "UnexpectedStatus: 500");
  }
}

function createAttempt(parts: Parts, started: Json, input: LoginInput, method: Method): Running {
  const { table, clock, integrations, emit } = parts;
  const { integrationID } = input;
  const created = clock.now();
  const expires = typeof started.expiresAt === "number" ? started.expiresAt : created + LIFE_MS;
  const store = async (given: unknown): Promise<string> => {
    const integration = integrations().get(integrationID);
    const value = checkCredential(given, integration?.methods.map(({ id }) => id) ?? []);
    const said = input.label ?? await method.describe?.(value);
    const count = table.list(integrationID).length;
    const name = integration?.name ?? integrationID;
    const label = typeof said === "string" ? said : count === 0 ? name : `${name} ${count + 1}`;
    const { id } = table.add(integrationID, label, value);
    emit("credential.updated", {});
    emit("credential.switched", { integrationID, credentialID: id });
    return id;
  };
  const attempt: Running = {
    attemptID: `att_${crypto.randomUUID()}`,
    url: String(started.url),
    instructions: String(started.instructions),
    mode: started.mode === "code" ? "code" : "auto",
    time: { created, expires },
    state: { status: "pending" },
    endedAt: Infinity,
    ended: Promise.resolve(),
    code: isFunction(started.callback) ? started.callback : undefined,
    async finish(work) {
      let state: AttemptStatus;
      try {
        const value = await work;
        // What comes after the end is thrown away.
        if (attempt.state.status !== "pending" || clock.now() >= expires) return;
        state = { status: "complete", credentialID: await store(value) };
      } catch (error) {
        state = { status: "failed", message: messageOf(error) };
      }
      if (attempt.state.status !== "pending") return;
      attempt.state = state;
      attempt.endedAt = clock.now();
    },
  };
  return attempt;
}

function checkAnswer(method: Method, answer: Json): Json {
  const keys = method.form.map((field) => String(object(field).key));
  const strange = Object.keys(answer).find((key) => !keys.includes(key));
  if (strange !== undefined) throw new HostError(400, `the form has no field ${strange}`);
  for (const { key, required } of method.form) {
    const isMissing = required === true && answer[String(key)] === undefined;
    if (isMissing) throw new HostError(400, `the field ${String(key)} is missing`);
  }
  return answer;
}
