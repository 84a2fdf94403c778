/** Sends chat requests to Kimi: body, identity, token, one retry, errors and stream. */

import type { AnsweredConversation, ChatBody } from "../../kimi/chat/body.ts";
import type { ClientName } from "../../kimi/identity/constants.ts";
import { regionOf } from "../../kimi/identity/regions.ts";
import type { ModelAbilities } from "../../kimi/chat/efforts.ts";
import type { HostWords } from "../../kimi/errors/error_words.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { type JsonObject, parseObject } from "../../kimi/util/json.ts";
import type { EnvSettings } from "../../kimi/chat/env_settings.ts";
import type { Credential } from "../tokens/credential.ts";
import { needsRefresh } from "../tokens/freshness.ts";
import type { Environment } from "../environment.ts";
import { lazy } from "../net/lazy_import.ts";
import type { TokenManager } from "../tokens/token_manager.ts";
import { createAuthorizedFetch, errorAnswers } from "./authorized_fetch.ts";
import type { ChatPart } from "./chat_part.ts";
import type { AnsweredChat } from "./error_answer.ts";

/** The part of the environment that a chat uses. */
export type ChatEnvironment = Pick<
  Environment,
  "versions" | "fetch" | "now" | "localTime" | "alarm" | "device" | "log"
>;

/** What is known of a model. */
export interface ChatModel {
  /** Context length in tokens; 0 if it is unknown. */
  readonly contextLength: number;
  /** Whether it can think. */
  readonly canThink: boolean;
  /** What is known of its thinking. */
  readonly abilities?: ModelAbilities;
  /** Keys of the body that the user wrote, and that are sent although kimi-cli does not send them. */
  readonly userKeys: readonly string[];
}

/** How to chat. */
export interface ChatOptions {
  /** Whose identity to send. */
  readonly client: ClientName;
  /** kimi-cli's environment variables. */
  readonly settings: EnvSettings;
  /** Finds what is known of a model, by the id that a request names. */
  readonly model: (id: string) => ChatModel;
  /** Ids of the account's models, as far as they are known. */
  readonly models?: () => readonly string[];
  /** What the user can do about an error of the API; plain words by default. */
  readonly words?: () => Promise<HostWords>;
  /** Called after each answer that is not an error. */
  readonly onAnswer?: () => void;
  /** Which errors `fetch` rejects with; it answers the others as the API answers an error. */
  readonly rejects?: (error: KimiError) => boolean;
  /** The API base for a login, and the base that the URLs of the caller begin with. */
  readonly base: (credential: Credential) => { readonly from: string; readonly to: string };
}

/** Where a chat gets its tokens from. */
export type ChatTokens = Pick<TokenManager, "current" | "renew" | "settled">;

/** What an OpenAI client is given. */
export interface Chat {
  /** Loads what makes bodies; without it, `fetch` makes the body of the text that it is given. */
  readonly ready: () => Promise<void>;
  /** Makes the body that is sent; called before the body is serialised. */
  readonly transformRequestBody: (body: JsonObject) => JsonObject;
  /** Sends it. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

/** How many conversations are remembered. */
const MAX_ANSWERED = 256;

const chatPart = lazy("Chat", () => import("./chat_part.ts"));

/**
 * Makes the two functions that carry chat requests to Kimi. {@linkcode createKimi} and the opencode
 * plugin are built on them.
 *
 * @param environment Network, clock, device and log.
 * @param tokens Where tokens come from.
 * @param options How to chat.
 * @returns The two functions.
 * @example
 * ```ts
 * import { createChat, credentialFromTokens } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const login = credentialFromTokens({ accessToken: "a", refreshToken: "r" }, 0);
 * const give = () => Promise.resolve(login);
 * const device = { node: "vm", system: "", release: "", machine: "", version: "", id: "0" };
 * const { ready, fetch, transformRequestBody } = createChat({
 *   fetch: (_url, init) => Promise.resolve(new Response(init?.body ?? null)),
 *   now: () => 0, localTime: String, alarm: () => () => {}, device: () => Promise.resolve(device), log() {},
 * }, { current: give, renew: give, settled: () => Promise.resolve() }, {
 *   client: "kimi-cli", settings: { problems: [] },
 *   model: () => ({ contextLength: 262144, canThink: true, userKeys: [] }),
 *   base: () => ({ from: "/v1", to: "https://api.kimi.com/coding/v1" }),
 * });
 * await ready();
 * const body = JSON.stringify(transformRequestBody({ messages: [] }));
 * const answer = await fetch("/v1/chat/completions", { method: "POST", body });
 * assertEquals(await answer.text(), body);
 * ```
 */
export function createChat(
  environment: ChatEnvironment,
  tokens: ChatTokens,
  options: ChatOptions,
): Chat {
  const answered = new Map<string, AnsweredConversation>();
  const noted = new Set<string>();
  const send = createAuthorizedFetch(environment, tokens, options);
  let part: ChatPart | undefined;
  /** Bodies that were asked for before they could be made. */
  let owed = 0;
  let words: HostWords | undefined;
  let hasWorked = false;

  const load = async () => {
    const [{ createChatPart }, given] = await Promise.all([chatPart(), options.words?.()]);
    words = given;
    return part ??= createChatPart(options.client);
  };

  function make(given: JsonObject, { toChatBody }: ChatPart): ChatBody {
    const model = options.model(typeof given.model === "string" ? given.model : "");
    const made = toChatBody(given, { ...model, settings: options.settings, answered });
    for (const note of made.notes) {
      if (noted.has(note)) continue;
      noted.add(note);
      environment.log("warn", `In a request, ${note}`);
    }
    return made;
  }

  /** The body as it is sent, and what is known of it. */
  async function prepared(init: RequestInit): Promise<readonly [RequestInit, ChatBody?]> {
    const known = part ?? await load();
    const made = known.pending.take(init.body);
    if (made !== undefined) return [init, made];
    const given = owed > 0 && typeof init.body === "string" ? parseObject(init.body) : undefined;
    if (given === undefined) return [init];
    owed--;
    const own = make(given, known);
    return [{ ...init, body: JSON.stringify(own.body) }, own];
  }

  async function answerTo(url: string, given: RequestInit): Promise<Response> {
    const [init, sent] = await prepared(given);
    const answer = await send(url, init);
    const isRefreshing = needsRefresh(answer.credential, environment.now());
    const passed = await passedOn(answer, sent);
    return isRefreshing ? endingAfter(passed, tokens.settled) : passed;
  }

  async function passedOn(answer: AnsweredChat, sent: ChatBody | undefined): Promise<Response> {
    const { client, base, models } = options;
    const api = base(answer.credential).to;
    if (answer.response.status >= 300) {
      const { explained } = await errorAnswers();
      return await explained(answer, {
        environment,
        client,
        api,
        models: models?.(),
        hasWorked,
        words: options.words,
      });
    }
    const context = { region: regionOf(answer.credential.hosts), words, hasWorked };
    hasWorked = true;
    options.onAnswer?.();
    const { passOn } = part ?? await load();
    const { localTime } = environment;
    return await passOn(answer.response, {
      environment,
      api,
      failure: () => ({ ...context, localTime }),
      sent,
      onTotal: (total) => void (sent && remember(answered, sent, total)),
    });
  }

  return {
    async ready() {
      if (part === undefined) await load();
    },

    transformRequestBody(given) {
      if (part === undefined) {
        owed++;
        return given;
      }
      try {
        const made = make(given, part);
        part.pending.add(made);
        return made.body;
      } catch (error) {
        if (!(error instanceof KimiError) || error.code !== "too_large") throw error;
        return part.pending.refuse(error);
      }
    },

    async fetch(input, given = {}) {
      const init = input instanceof Request ? { ...await partsOf(input), ...given } : given;
      try {
        return await answerTo(input instanceof Request ? input.url : String(input), init);
      } catch (error) {
        if (!(error instanceof KimiError) || options.rejects?.(error)) throw error;
        return await failureResponse(error);
      }
    },
  };
}

/** The second argument of `fetch` that makes the same request. */
export async function partsOf(request: Request): Promise<RequestInit> {
  const { method, signal } = request;
  return { method, signal, ...(request.body === null ? {} : { body: await request.text() }) };
}

/** Makes an answer of an error that stopped a request before Kimi answered it. */
export async function failureResponse(error: KimiError): Promise<Response> {
  try {
    const { localFailure } = await errorAnswers();
    return localFailure(error);
  } catch {
    const { code, message } = error;
    return Response.json({ error: { message, type: `kimi_${code}` } }, { status: 400 });
  }
}

function remember(
  answered: Map<string, AnsweredConversation>,
  { conversation: { key, mark, messages } }: ChatBody,
  total: number,
): void {
  answered.delete(key);
  answered.set(key, { count: messages.length, mark, total });
  const [oldest] = answered.keys();
  if (answered.size > MAX_ANSWERED && oldest !== undefined) answered.delete(oldest);
}

/** Holds back the end of an answer until a refresh beside it is stored: `opencode run` exits then. */
function endingAfter(response: Response, stored: () => Promise<void>): Response {
  if (response.body === null) return response;
  const ended = new TransformStream<Uint8Array, Uint8Array>({ flush: stored });
  return new Response(response.body.pipeThrough(ended), response);
}
