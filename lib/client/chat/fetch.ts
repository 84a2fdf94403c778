/**
 * The two functions that carry opencode's chat requests to Kimi: one makes the body, the other sends
 * it, with identity and token, and reads what comes back.
 *
 * @module
 */

import type { AnsweredConversation, ChatBody, Conversation } from "../../kimi/chat/body.ts";
import { CHAT_BODIES } from "../../kimi/clients/chat_bodies.ts";
import type { ClientName } from "../../kimi/identity/constants.ts";
import type { ModelAbilities } from "../../kimi/chat/efforts.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import type { HostWords } from "../../kimi/errors/error_words.ts";
import { errorResponse } from "../../kimi/errors/error_response.ts";
import { isObject, type JsonObject } from "../../kimi/util/json.ts";
import { type IdleTimeout, readUsage } from "../../kimi/chat/usage_stream.ts";
import type { EnvSettings } from "../../kimi/chat/env_settings.ts";
import { type Credential, needsRefresh } from "../tokens/freshness.ts";
import type { Environment } from "../environment.ts";
import { loaded } from "../net/lazy_import.ts";
import { createAuthorizedFetch } from "./authorized_fetch.ts";
import { createIdleTimeout } from "./idle_timeout.ts";
import type { TokenManager } from "../tokens/token_manager.ts";

/** What a chat needs of the outside. */
export type ChatEnvironment = Pick<
  Environment,
  "fetch" | "now" | "localTime" | "alarm" | "device" | "log"
>;

/** What is known of a model. */
export interface ChatModel {
  /** Context length in tokens; 0 where it is unknown. */
  readonly contextLength: number;
  /** Whether it can think. */
  readonly canThink: boolean;
  /** What is known of its thinking. */
  readonly abilities?: ModelAbilities;
  /** Keys of the options that the user wrote for it. */
  readonly userKeys: readonly string[];
}

/** How to chat. */
export interface ChatOptions {
  /** Whose identity to send. */
  readonly client: ClientName;
  /** kimi-cli's environment variables. */
  readonly settings: EnvSettings;
  /** What is known of a model by the id that a request names. */
  readonly model: (id: string) => ChatModel;
  /** Ids of the account's models, as far as they are known. */
  readonly models?: () => readonly string[];
  /** What the user can do about an error of the API; plain words by default. */
  readonly words?: () => Promise<HostWords>;
  /** Told of each answer that is no error. */
  readonly onAnswer: () => void;
  /** The API base for a login, and the one that opencode's URLs begin with. */
  readonly base: (credential: Credential) => { readonly from: string; readonly to: string };
}

/** What opencode's SDK is given. */
export interface Chat {
  /** Makes the body; called before it is serialised. */
  readonly transformRequestBody: (body: JsonObject) => JsonObject;
  /** Sends it. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

/** How many conversations are remembered, and how many bodies that are not sent yet. */
const MAX_ANSWERED = 256;
const MAX_WAITING = 16;

/**
 * Joins body, headers, token, retry and stream.
 *
 * @param environment Network, device and log.
 * @param tokens Where tokens come from.
 * @param options How to chat.
 * @returns The two functions.
 * @example
 * ```ts
 * import { chat, credentialFromTokens } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * const login = credentialFromTokens({ accessToken: "a", refreshToken: "r" }, 0);
 * const give = () => Promise.resolve(login);
 * const settled = () => Promise.resolve();
 * const device = { node: "vm", system: "", release: "", machine: "", version: "", id: "0" };
 * const { fetch, transformRequestBody } = chat({
 *   fetch: (_url, init) => Promise.resolve(new Response(init?.body ?? null)),
 *   now: () => 0, localTime: String, alarm: () => () => {}, device: () => Promise.resolve(device), log() {},
 * }, { stored: give, current: give, renew: give, settled }, {
 *   client: "kimi-cli", settings: { problems: [] }, onAnswer() {},
 *   model: () => ({ contextLength: 262144, canThink: true, userKeys: [] }),
 *   base: () => ({ from: "/v1", to: "https://api.kimi.com/coding/v1" }),
 * });
 * const body = JSON.stringify(transformRequestBody({ messages: [], stream: true }));
 * const answer = await fetch("/v1/chat/completions", { method: "POST", body });
 * assertEquals(await answer.text(), body);
 * ```
 */
export function chat(
  environment: ChatEnvironment,
  tokens: TokenManager,
  options: ChatOptions,
): Chat {
  const answered = new Map<string, AnsweredConversation>();
  const waiting: ChatBody[] = [];
  const noted = new Set<string>();
  const send = createAuthorizedFetch(environment, tokens, options);

  return {
    transformRequestBody(given) {
      const model = options.model(typeof given.model === "string" ? given.model : "");
      const toChatBody = CHAT_BODIES[options.client];
      const made = toChatBody(given, { ...model, settings: options.settings, answered });
      for (const note of made.notes) {
        if (noted.has(note)) continue;
        noted.add(note);
        environment.log("warn", `In a request, ${note}`);
      }
      waiting.push(made);
      if (waiting.length > MAX_WAITING) waiting.shift();
      return made.body;
    },

    async fetch(input, given = {}) {
      const init = input instanceof Request ? { ...await partsOf(input), ...given } : given;
      const sent = takeWaiting(waiting, init.body);
      let response: Response;
      let isRefreshing: boolean;
      try {
        const answer = await send(input instanceof Request ? input.url : String(input), init);
        response = answer.response;
        isRefreshing = needsRefresh(answer.credential, environment.now());
        if (response.status >= 300) {
          const { explained } = await failures();
          const { client, base, models, words } = options;
          const api = base(answer.credential).to;
          const context = { environment, client, api, models: models?.(), words };
          const failure = await explained(answer, context);
          return isRefreshing ? endingAfter(failure, tokens.settled) : failure;
        }
      } catch (error) {
        if (!(error instanceof KimiError)) throw error;
        return await failed(error);
      }
      options.onAnswer();
      const passed = withUsage(response, createIdleTimeout(environment), (total) => {
        if (sent !== undefined) remember(answered, sent, total);
      });
      return isRefreshing ? endingAfter(passed, tokens.settled) : passed;
    },
  };
}

/** The SDK sends a body right after it was made: only requests at the same time need a search. */
function takeWaiting(waiting: ChatBody[], body: unknown): Conversation | undefined {
  if (typeof body !== "string") return undefined;
  const index = waiting.length === 1 ? 0 : waiting.findLastIndex((made) => isOf(body, made));
  return waiting.splice(index, index === -1 ? 0 : 1)[0]?.conversation;
}

/** Whether a serialised body is that of an object, by its beginning and two numbers behind it. */
function isOf(text: string, { body, conversation }: ChatBody): boolean {
  const { max_completion_tokens, prompt_cache_key } = body;
  const marks = JSON.stringify({ max_completion_tokens, prompt_cache_key }).slice(1, -1);
  const [first] = conversation.messages;
  const content = isObject(first) && typeof first.content === "string" ? first.content : "";
  // Without a last character that may be half of one.
  const begin = content.slice(0, 64).toWellFormed().replace(/\ufffd$/, "");
  const start = JSON.stringify({ messages: [{ ...Object(first), content: begin }] });
  const known = start.slice(0, start.lastIndexOf(begin === "" ? "}" : '"'));
  return text.startsWith(known) && text.lastIndexOf(marks) !== -1;
}

async function partsOf(request: Request): Promise<RequestInit> {
  const { method, signal } = request;
  return { method, signal, ...(request.body === null ? {} : { body: await request.text() }) };
}

function remember(
  answered: Map<string, AnsweredConversation>,
  { key, mark, messages }: Conversation,
  total: number,
): void {
  answered.delete(key);
  answered.set(key, { count: messages.length, mark, total });
  const [oldest] = answered.keys();
  if (answered.size > MAX_ANSWERED && oldest !== undefined) answered.delete(oldest);
}

/** Where even the explanation is missing, the error speaks for itself. */
async function failed(error: KimiError): Promise<Response> {
  try {
    const { localFailure } = await failures();
    return localFailure(error);
  } catch {
    return errorResponse(400, error.code, error.message);
  }
}

async function failures() {
  return await loaded("Kimi's answer is an error", import("./error_answer.ts"));
}

function withUsage(
  response: Response,
  watchdog: IdleTimeout,
  onTotal: (total: number) => void,
): Response {
  const type = response.headers.get("content-type") ?? "";
  if (response.body === null || !type.startsWith("text/event-stream")) return response;
  return new Response(readUsage(response.body, onTotal, watchdog), response);
}

/** Holds back the end of an answer until a refresh beside it is stored: `opencode run` exits then. */
function endingAfter(response: Response, stored: () => Promise<void>): Response {
  if (response.body === null) return response;
  const ended = new TransformStream<Uint8Array, Uint8Array>({ flush: stored });
  return new Response(response.body.pipeThrough(ended), response);
}
