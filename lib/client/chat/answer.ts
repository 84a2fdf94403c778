/** An answer on its way to an OpenAI client: each 200 is a whole answer, or becomes an error. */

import { type AnswerHandlers, readAnswer } from "../../kimi/chat/answer_stream.ts";
import type { ChatBody } from "../../kimi/chat/body.ts";
import { errorResponse } from "../../kimi/errors/api_error.ts";
import { parseApiError, statusOfError } from "../../kimi/errors/error_table.ts";
import {
  explainApiError,
  type FailureContext,
  PLAIN_WORDS,
} from "../../kimi/errors/error_words.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { isObject, parseObject, printable } from "../../kimi/util/json.ts";
import type { Environment } from "../environment.ts";
import { answerFault, networkMessage } from "../net/network_error.ts";
import { asApiCallError } from "../net/sdk_error.ts";
import { createIdleTimeout } from "./idle_timeout.ts";

/** What an answer is passed on with. */
export interface AnswerContext {
  readonly environment: Pick<Environment, "alarm" | "log" | "versions" | "localTime">;
  /** The host of the API. */
  readonly host: () => string;
  /** What is known of the account, and the words for what the user can do. */
  readonly failure: () => FailureContext;
  /** The body that was sent, if it is one of ours. */
  readonly sent: ChatBody | undefined;
  readonly onTotal: (total: number) => void;
  readonly onArguments?: AnswerHandlers["onArguments"];
  readonly passesFiltered?: boolean | undefined;
  /** Longest silence in milliseconds, or `false` for no limit. */
  readonly chunkTimeout?: number | false | undefined;
}

/** More of an answer that should be a stream is not read. */
const MAX_READ = 65_536;

/** Passes a 200 on, or makes an error of it if it is not what was asked for. */
export async function passOn(response: Response, context: AnswerContext): Promise<Response> {
  const { environment, host, sent } = context;
  const type = response.headers.get("content-type") ?? "";
  if (response.body !== null && type.startsWith("text/event-stream")) {
    return new Response(readAnswer(response.body, handlersOf(context)), response);
  }
  const fault = answerFault(response);
  if (fault !== undefined) {
    await response.body?.cancel();
    return errorResponse(503, fault, networkMessage("Chat", fault, host(), environment));
  }
  if (sent?.body.stream !== true) return response;
  const body = parseObject((await response.text()).slice(0, MAX_READ));
  const { kind, message, status } = body?.error === undefined
    ? {
      kind: "answer",
      message: `Connection lost: ${host()} answered with something else than a stream`,
      status: 503,
    }
    : explain(body.error, context.failure());
  return errorResponse(status, kind, message);
}

function handlersOf(context: AnswerContext): AnswerHandlers {
  const { environment, failure, sent, onTotal, onArguments, chunkTimeout, passesFiltered } =
    context;
  return {
    onTotal,
    onArguments,
    idleTimeout: createIdleTimeout(environment, chunkTimeout),
    toolNames: sent?.toolNames ?? new Map(),
    failure(what) {
      if (what === "cut") return lost("Kimi's answer broke off");
      if (what === "empty") return lost("Kimi's answer was empty");
      if (what !== "filtered") return failed(explain(what.event, failure()));
      return passesFiltered ? undefined : failed(filtered(failure()));
    },
    onUnknownReason: (reason) =>
      environment.log(
        "warn",
        `An answer ended with the reason "${printable(reason)}", read as stop`,
      ),
  };
}

/** opencode takes a lost connection for a reason to try again. */
function lost(what: string): KimiError {
  const error = new KimiError("network", `Connection lost: ${what}`);
  return asApiCallError(error, { kind: "network", status: 503, retry: true });
}

function failed({ kind, message, status, retry }: ReturnType<typeof explain>): KimiError {
  const code = kind === "too_large" ? kind : retry ? "network" : "server_error";
  return asApiCallError(new KimiError(code, message, { status }), { kind, status, retry });
}

function filtered({ words = PLAIN_WORDS }: FailureContext): ReturnType<typeof explain> {
  const message = `Kimi's content filter stopped the answer: ${words.rephrase}`;
  return { kind: "moderation", message, retry: false, status: 400 };
}

/** Explains the error of a stream by the table of the statuses. */
function explain(error: unknown, context: FailureContext) {
  const body = JSON.stringify({ error: isObject(error) ? error : { message: String(error) } });
  const status = statusOfError(body);
  const [parsed, explanation] = parseApiError(status, body);
  const words = explainApiError(parsed, explanation, context);
  // opencode 1.18 asks again after these words.
  const message = parsed.retry ? `Connection lost: ${words}` : words;
  return { kind: parsed.kind, message, retry: parsed.retry, status };
}
