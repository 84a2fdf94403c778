/** Sends chat requests to Kimi: body, identity, token, one retry, errors and stream. */

import type { AnsweredConversation, ChatBody } from "../../kimi/chat/body.ts";
import { regionOf } from "../../kimi/identity/regions.ts";
import type { ModelAbilities } from "../../kimi/chat/efforts.ts";
import type { HostWords } from "../../kimi/errors/error_words.ts";
import { KimiError } from "../../kimi/errors/kimi_error.ts";
import { type JsonObject, parseObject, text } from "../../kimi/util/json.ts";
import { needsRefresh } from "../tokens/credential.ts";
import { lazy } from "../net/lazy_import.ts";
import type { TokenManager } from "../tokens/token_manager.ts";
import { remember } from "./answered.ts";
import { createAuthorizedFetch, errorAnswers } from "./authorized_fetch.ts";
import type { ChatEnvironment, ChatModel, ChatOptions } from "./chat_options.ts";
import type { ChatPart } from "./chat_part.ts";
import type { AnsweredChat } from "./error_answer.ts";

export type { ChatEnvironment, ChatModel, ChatOptions };

/** Where a chat gets its tokens from. */
export type ChatTokens =
  & Pick<TokenManager, "current" | "renew" | "settled">
  & Partial<Pick<TokenManager, "isSettled">>;

/** What an OpenAI client is given. */
export interface Chat {
  /** Loads what makes bodies; without it, `fetch` makes the body of the text that it is given. */
  readonly ready: () => Promise<void>;
  /** Makes the body that is sent; called before the body is serialised. */
  readonly transformRequestBody: (body: JsonObject) => JsonObject;
  /** Sends it. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

const ONLY: ModelAbilities = { thinking: "only" };

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
  const givenOf = new WeakMap<ChatBody, JsonObject>();
  /** Ids of models that refused to answer without thinking. */
  const alwaysThinks = new Set<string>();
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

  function make(given: JsonObject, { toChatBody, judge }: ChatPart): ChatBody {
    const id = text(given.model) ?? "";
    const model = options.model(id);
    const abilities = { ...model.abilities, ...(alwaysThinks.has(id) && ONLY) };
    const { settings } = options;
    const kept = options.kept?.();
    const spelled = kept?.spelled(given.prompt_cache_key) ?? [];
    const made = toChatBody(kept?.prepare(given) ?? given, {
      ...model,
      abilities,
      settings,
      answered,
      spelled,
      judge,
    });
    givenOf.set(made, given);
    for (const note of made.notes) {
      if (noted.has(note)) continue;
      noted.add(note);
      environment.log("warn", `In a request, ${note}`);
    }
    return made;
  }

  /** The body as it is sent, and what is known of it. */
  function prepared(init: RequestInit, known: ChatPart): readonly [RequestInit, ChatBody?] {
    const made = known.pending.take(init.body);
    if (made !== undefined) return [init, made];
    const given = owed > 0 && typeof init.body === "string" ? parseObject(init.body) : undefined;
    if (given === undefined) return [init];
    owed--;
    const own = make(given, known);
    return [{ ...init, body: JSON.stringify(own.body) }, own];
  }

  /** Sends a body, and once more with thinking if the model refuses to answer without it. */
  async function sendBody(
    url: string,
    init: RequestInit,
    sent?: ChatBody,
  ): Promise<readonly [AnsweredChat, ChatBody | undefined]> {
    const answer = await send(url, init);
    if (answer.response.status !== 400) return [answer, sent];
    const given = sent && givenOf.get(sent);
    if (part === undefined || sent === undefined || given === undefined) return [answer, sent];
    if (!await part.refusesOff(answer.response, sent)) return [answer, sent];
    await answer.response.body?.cancel();
    alwaysThinks.add(text(given.model) ?? "");
    const again = make(given, part);
    return [await send(url, { ...init, body: JSON.stringify(again.body) }), again];
  }

  async function answerTo(url: string, given: RequestInit): Promise<Response> {
    const [answer, sent] = await sendBody(url, ...prepared(given, part ?? await load()));
    const isRefreshing = needsRefresh(answer.credential, environment.now()) ||
      tokens.isSettled?.() === false;
    const passed = await passedOn(answer, sent);
    return isRefreshing ? endingAfter(passed, tokens.settled) : passed;
  }

  async function passedOn(answer: AnsweredChat, sent: ChatBody | undefined): Promise<Response> {
    const { client, base, models } = options;
    const api = () => base(answer.credential).to;
    if (answer.response.status >= 300) {
      const { explained } = await errorAnswers();
      return await explained(answer, {
        environment,
        client,
        api: api(),
        models: models?.(),
        hasWorked,
        words: options.words,
      });
    }
    const before = { client, words, hasWorked };
    hasWorked = true;
    options.onAnswer?.();
    const { passOn } = part ?? await load();
    const { localTime } = environment;
    const session = text(sent?.body.prompt_cache_key);
    const kept = options.kept?.();
    return await passOn(answer.response, {
      environment,
      host: () => new URL(api()).host,
      chunkTimeout: options.chunkTimeout,
      passesFiltered: options.passesFiltered,
      failure: () => ({ ...before, region: regionOf(answer.credential.hosts), localTime }),
      sent,
      onArguments: session === undefined ? undefined : kept?.onAnswer(session),
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

/** Holds back the end of an answer until a refresh beside it is stored: `opencode run` exits then. */
function endingAfter(response: Response, stored: () => Promise<void>): Response {
  if (response.body === null) return response;
  const ended = new TransformStream<Uint8Array, Uint8Array>({ flush: stored });
  return new Response(response.body.pipeThrough(ended), response);
}
