/** The hooks of a chat: opencode sends its request, and reads its answer. */

import { accountId } from "../../../kimi/util/jwt.ts";
import { modelFacts } from "../../../client/chat/chat_model.ts";
import { errorResponse } from "../../../kimi/errors/api_error.ts";
import { KimiError, messageOf } from "../../../kimi/errors/kimi_error.ts";
import { assertTrusted } from "../../../kimi/identity/hosts.ts";
import { identityHeaders } from "../../../kimi/identity/fingerprint.ts";
import { NOT_LOGGED_IN } from "../../../kimi/identity/login_messages.ts";
import { type JsonObject, objectOf, parseObject, text } from "../../../kimi/util/json.ts";
import type { Account } from "../account.ts";
import type { Core } from "../core.ts";
import type { HttpRequestEvent, HttpResponseEvent } from "../types.ts";
import { inV2Words } from "../words.ts";
import type { History } from "../kept/history.ts";
import type { Ready } from "./handover.ts";
import { fromNativeBody } from "./native_body.ts";
import { targetOf, withoutLogin } from "./target.ts";

/** The two hooks. */
export interface ChatHooks {
  readonly onRequest: (event: HttpRequestEvent) => Promise<void>;
  readonly onResponse: (event: HttpResponseEvent) => Promise<void>;
}

/** opencode waits 300 s for the headers of an answer, the hooks included. Source: core `model-request.ts`. */
const TOKEN_WAIT_MS = 30_000;

/** What the hooks of one folder depend on. */
export interface ChatFolder extends Pick<Account, "row" | "models"> {
  readonly history?: History | undefined;
}

/** The `prompt_cache_key` of a request: its session, or the root of a forked one. */
export function cacheKeyOf({ request, sessionID }: HttpRequestEvent): string {
  return request.headers.get("x-session-affinity") || sessionID;
}

/** Creates the hooks of one folder. */
export function createChatHooks(core: Core, folder: ChatFolder): ChatHooks {
  const { environment, provider: { chat, hosts, tokens, account }, logins, handover, sent } = core;

  /** Whether a bearer token belongs to a login of ours, which then is the one in use. */
  async function isOurs(bearer: string): Promise<boolean> {
    const kept = await tokens.stored();
    const isSame = kept !== undefined &&
      (kept.access === bearer || accountId(kept.access) === accountId(bearer));
    if (isSame) return true;
    const used = await folder.row();
    if (used === undefined) return false;
    await logins.follow(used);
    return true;
  }

  /** The body in the form of 1.x's SDK; undefined if it is not JSON. */
  async function nativeOf(given: string, event: HttpRequestEvent): Promise<JsonObject | undefined> {
    const body = parseObject(given);
    if (body === undefined) return undefined;
    const [abilities] = modelFacts(text(body.model) ?? "", account());
    const { kind, sessionID, model: { variant } } = event;
    const cacheKey = cacheKeyOf(event);
    const whole = await folder.history?.use(body, { kind, sessionID, cacheKey });
    return fromNativeBody(whole ?? body, {
      kind,
      cacheKey,
      variant,
      abilities,
    });
  }

  /** The text to send. What cannot be read or converted is sent as it is. */
  async function convert(given: string, event: HttpRequestEvent): Promise<string> {
    try {
      const native = await nativeOf(given, event);
      if (native !== undefined) return JSON.stringify(chat.transformRequestBody(native));
      environment.log("warn", "A request's body is not JSON, and is sent as it is");
    } catch (error) {
      if (error instanceof KimiError) throw error;
      environment.log("error", `A request's body is sent as it is: ${messageOf(error)}`);
    }
    return given;
  }

  async function prepare(event: HttpRequestEvent, url: string, bearer: string): Promise<void> {
    const given = await event.request.clone().text();
    await Promise.all([chat.ready(), folder.models()]);
    const post = { method: "POST", body: await convert(given, event) };
    const controller = new AbortController();
    const disarm = environment.alarm(TOKEN_WAIT_MS, () => controller.abort(tooLong()));
    try {
      const { signal } = controller;
      const begun = await handover.begin(() => chat.fetch(url, { ...post, signal }), signal);
      const ready = "init" in begun
        ? begun
        : await withRowsToken(begun.response, post, url, bearer);
      event.request = new Request(ready.url, withoutSignal(ready.init));
      sent.set(event.request, ready.answer);
    } finally {
      disarm();
    }
  }

  /**
   * A hook cannot answer, and what it throws ends the turn. If a token could not be had for now, opencode's
   * own is sent: it may still be good, and opencode asks again after an error of the service.
   */
  async function withRowsToken(
    failure: Response,
    post: RequestInit,
    url: string,
    bearer: string,
  ): Promise<Ready> {
    if (failure.status !== 503) throw new Error(inV2Words(await messageIn(failure)));
    const login = await tokens.stored();
    const target = targetOf(url, hosts(login).api, login?.hosts) ?? url;
    assertTrusted(target, login?.hosts);
    const { client } = core.options;
    const identity = identityHeaders(client, await environment.device(client));
    const headers = {
      Accept: "application/json",
      "Content-Type": "application/json",
      ...identity,
      Authorization: `Bearer ${bearer}`,
    };
    return {
      url: target,
      init: { ...post, headers },
      answer: (response) => Promise.resolve(response.status === 401 ? failure : response),
    };
  }

  return {
    async onRequest(event) {
      const { request } = event;
      // opencode may run a hook again, and the request that it made has no header with the session.
      if (sent.has(request)) return;
      const [, bearer] = /^Bearer (\S+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
      const known = await tokens.stored().catch(() => undefined);
      const url = targetOf(request.url, hosts().api, known?.hosts);
      if (url === undefined) {
        if (bearer === undefined || !await isOurs(bearer).catch(() => true)) return;
        environment.log("warn", foreign(request.url));
        event.request = withoutLogin(request);
        return;
      }
      if (bearer === undefined) throw new Error(inV2Words(NOT_LOGGED_IN));
      try {
        if (await isOurs(bearer)) await prepare(event, url, bearer);
      } catch (error) {
        throw error instanceof KimiError ? new Error(inV2Words(error.message)) : error;
      }
    },
    async onResponse(event) {
      const answer = sent.get(event.request);
      if (answer === undefined) return;
      sent.delete(event.request);
      const response = await answer(event.response).catch(lost);
      event.response = await withHint(response);
    },
  };
}

/** opencode sends the request itself. */
function withoutSignal({ signal: _, ...init }: RequestInit): RequestInit {
  return init;
}

function tooLong(): KimiError {
  const seconds = TOKEN_WAIT_MS / 1000;
  return new KimiError("network", `Token refresh: it did not end within ${seconds} s`);
}

function foreign(url: string): string {
  return `Kimi's login is not sent to ${new URL(url).origin}: remove baseURL from the provider's ` +
    "settings, or log in with KIMI_CODE_BASE_URL set to it";
}

async function messageIn(failure: Response): Promise<string> {
  const { error } = parseObject(await failure.text()) ?? {};
  return text(objectOf(error).message) ?? `HTTP ${failure.status}`;
}

function lost(error: unknown): Response {
  return errorResponse(503, "network", `Connection lost: ${messageOf(error)}`);
}

/** Tells opencode of an error whether to send the request again. Source: core's `executor/retry`. */
async function withHint(response: Response): Promise<Response> {
  const { status } = response;
  if (status < 400) return response;
  const retry = status === 429 || status >= 500;
  const body = inV2Words(await response.text());
  const hinted = new Response(body, { status, headers: response.headers });
  hinted.headers.set("x-should-retry", String(retry));
  return hinted;
}
