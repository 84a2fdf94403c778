/** One HTTP request of a turn, through the hooks (model-request 70193593429, ai transport http.ts 1b9c7da6). */

import type { Message, Resolved, Tool } from "./body.ts";
import type { Hooks } from "../hooks.ts";
import { classify, pulled, readAnswer, StreamError } from "./stream.ts";
import {
  type Clock,
  type Failure,
  isObject,
  type Json,
  type Kind,
  messageOf,
  type Said,
} from "../types.ts";
import type { Switches } from "../versions.ts";

/** What is asked. */
export interface Question {
  /** `provider/model` or `provider/model#variant`. */
  readonly model: string;
  readonly session: string;
  readonly system?: string;
  readonly messages: readonly Message[];
  readonly tools?: readonly Tool[];
  readonly kind?: Kind;
  readonly agent?: string;
  /** The session that a forked one came from: its affinity stays. */
  readonly root?: string;
  /** Called after each read of the answer; may wait. */
  readonly onRead?: (count: number) => void | Promise<void>;
  /** Called when something reads on in the answer that came from the network. */
  readonly onPull?: () => void;
}

/** A model as it was resolved, and the token of its row. */
export interface ResolvedModel extends Resolved {
  readonly providerID: string;
  readonly id: string;
  readonly variant: string | undefined;
  readonly limit: Json;
  readonly token: string | undefined;
}

/** What a turn stands on. */
export interface TurnParts {
  readonly hooks: Hooks;
  readonly clock: Clock;
  readonly switches: Switches;
  readonly version: string;
  /** Resolves the model and its credential, which may be refreshed by that. */
  readonly resolve: (model: string) => Promise<ResolvedModel>;
}

/** The limit for hooks, sending and headers together. */
const HEADER_TIMEOUT_MS = 300_000;

/** How a try failed, with the headers that may say when to try again. */
export class Failed extends Error {
  override readonly name = "Failed";

  constructor(readonly failure: Failure, readonly headers?: Headers) {
    super(failure.message);
  }
}

/** What the turn and its tries share. */
export interface Control {
  interrupted: boolean;
  output: boolean;
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Ends the request while the answer's headers are not there; no hook sees it. */
  readonly abort: AbortController;
}

/** A request that is ready to be sent. */
export interface Prepared {
  readonly parts: TurnParts;
  readonly question: Question;
  readonly model: ResolvedModel;
  readonly kind: Kind;
  readonly event: Json;
  readonly body: string;
  readonly control: Control;
}

/** One HTTP request: the hooks of a try run again at the next. */
export async function attempt(prepared: Prepared): Promise<Said> {
  const { parts, event, control, model, question } = prepared;
  const started = parts.clock.now();
  const sent: Record<string, unknown> = { ...event, request: await requestOf(prepared) };
  await parts.hooks.run("http.request", sent);
  if (control.interrupted) throw new Error("interrupted");
  const answered: Record<string, unknown> = {
    ...sent,
    response: await send(sent.request, prepared),
  };
  await parts.hooks.run("http.response", answered);
  if (control.interrupted) throw new Error("interrupted");
  if (parts.clock.now() - started > HEADER_TIMEOUT_MS) {
    throw new Failed({ type: "transport", message: "The answer's headers did not come in time" });
  }
  const { response } = answered;
  if (!(response instanceof Response)) throw new TypeError("event.response is not a Response");
  if (!response.ok) throw await failureOf(response);
  control.reader = (response.body ?? new Blob([]).stream()).getReader();
  try {
    return await readAnswer(control.reader, {
      onOutput: () => void (control.output = true),
      ...(question.onRead === undefined ? {} : { onRead: question.onRead }),
      requiresFinish: model.compatibility.requireFinishReason !== false,
    });
  } catch (error) {
    if (!(error instanceof StreamError)) throw error;
    await control.reader.cancel().catch(() => {});
    throw new Failed({ type: error.type, message: error.message });
  }
}

/** The signal of this Request never aborts: a hook cannot see an interrupt. */
async function requestOf({ parts, model, question, event, body }: Prepared): Promise<Request> {
  const { session, root = session } = question;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(model.headers)) headers[name] = String(value);
  const asked = { ...event, baseURL: String(model.settings.baseURL), headers };
  await parts.hooks.run("model.request", asked);
  return new Request(`${asked.baseURL}/chat/completions`, {
    method: "POST",
    headers: {
      "User-Agent": `opencode/${parts.version}`,
      "x-opencode-session-id": session,
      "x-opencode-session": session,
      "x-opencode-project": "prj_1",
      "x-opencode-client": "cli",
      "x-session-affinity": root,
      "X-Session-Id": session,
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      ...asked.headers,
      "Content-Type": "application/json",
      ...(model.token === undefined ? {} : { Authorization: `Bearer ${model.token}` }),
    },
    body,
  });
}

/** URL, headers and body of whatever Request stands there; the host adds nothing again. */
async function send(
  request: unknown,
  { control: { abort }, question }: Prepared,
): Promise<Response> {
  if (!(request instanceof Request)) throw new TypeError("event.request is not a Request");
  const body = await request.clone().arrayBuffer();
  const { url, method, headers } = request;
  try {
    const response = await fetch(url, { method, headers, body, signal: abort.signal });
    const { status, statusText } = response;
    const stream = response.body && pulled(response.body, question.onPull);
    return new Response(stream, { status, statusText, headers: response.headers });
  } catch (error) {
    throw new Failed({ type: "transport", message: messageOf(error) });
  }
}

async function failureOf(response: Response): Promise<Failed> {
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = { message: text };
  }
  const failure = classify(response.status, isObject(body) ? body : {});
  return new Failed(failure, response.headers);
}
