/** Everything that a program needs to use the plan: login, models, usage and a `fetch`. */

import { DEFAULT_API_BASE, DEFAULT_CLIENT, SCOPES } from "../kimi/identity/constants.ts";
import { KimiError, type KimiErrorCode } from "../kimi/errors/kimi_error.ts";
import { readEnvSettings } from "../kimi/chat/env_settings.ts";
import { resolveHosts } from "../kimi/identity/hosts.ts";
import type { Model } from "../kimi/models/catalog.ts";
import type { Usage } from "../kimi/usage/response.ts";
import { parseObject, text } from "../kimi/util/json.ts";
import { chatModelIds, chatModelOf, modelFacts } from "./chat/chat_model.ts";
import { type Chat, createChat, failureResponse, partsOf } from "./chat/fetch.ts";
import { lazy } from "./net/lazy_import.ts";
import { assertKimiOptions, guardedStore, type KimiOptions } from "./kimi_options.ts";
import type { Credential } from "./tokens/credential.ts";
import { createTokenManager, type TokenManager } from "./tokens/token_manager.ts";

export type { KimiOptions };

/** What the user needs to confirm a login. */
export interface Verification {
  /** https URL to open in a browser; it holds the user code if the service offers such a URL. */
  readonly verificationUri: string;
  /** What the user compares, or types. */
  readonly userCode: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

/** How to log in. */
export interface KimiLoginOptions {
  /** Shows the URL and the code. The login waits for the user once this has returned. */
  readonly onVerification: (verification: Verification) => void | Promise<void>;
  /** Ends the login early. */
  readonly signal?: AbortSignal;
}

/** A client of the Kimi For Coding plan. */
export interface Kimi {
  /**
   * Logs in by device authorization (RFC 8628), and resolves when the login is stored. It replaces
   * the login that was stored before.
   *
   * @throws {KimiError} `access_denied`, `expired_token`, `aborted`, `network`, `oauth_error`,
   * `server_error`, `invalid_answer`, `untrusted_host` or `not_stored`.
   */
  readonly login: (options: KimiLoginOptions) => Promise<void>;
  /**
   * Lists the models of the account. `fetch` knows their context lengths and efforts from then on.
   *
   * @throws {KimiError} `not_logged_in`, `invalid_grant`, `network`, `server_error` (with the status),
   * `invalid_answer`, `untrusted_host` or `not_stored`.
   */
  readonly models: () => Promise<readonly Model[]>;
  /** Reads how much of the plan is used; rejects as {@linkcode models} does. */
  readonly usage: () => Promise<Usage>;
  /**
   * A drop-in `fetch` for any OpenAI client, whatever its base URL and API key: the request goes to
   * the API base in force, with the identity headers and a fresh access token, and is sent once more
   * after a 401. The body becomes that of kimi-cli: `messages`, `model`, `tools`, `stream`,
   * `reasoning_effort`, `thinking`, `response_format`, `prompt_cache_key` and `max_completion_tokens`
   * are used; anything else, such as `temperature`, is left out, because the service refuses most
   * values. Without `prompt_cache_key`, all requests of this client share one.
   *
   * Errors are answers in OpenAI's shape, with the service's status and a message that says what to
   * do. A missing login answers 401. It rejects if the connection is lost or the request is aborted,
   * and with a `KimiError` of the code `not_stored` if the store fails.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

const accountParts = lazy("The account", () => import("./account/account_parts.ts"));

/** What a caller can do, in place of the plugin's command line. */
const ADVICE: Readonly<Partial<Record<KimiErrorCode, string>>> = {
  not_logged_in: "Not logged in to Kimi: call login() first",
  invalid_grant: "Kimi no longer accepts the login: call login() again",
};

const CHAT = "/chat/completions";

/**
 * Makes a client of the Kimi For Coding plan.
 *
 * @throws {TypeError} If an option cannot be used; the message names it.
 * @example Ask a question with an OpenAI client
 * ```ts ignore
 * import OpenAI from "openai";
 * import { createKimi } from "@kimi/full";
 * import { authJsonStore, systemEnvironment } from "@kimi/full/runtime";
 *
 * const kimi = createKimi({ environment: systemEnvironment(), store: authJsonStore() });
 * // Only once: the store keeps the login.
 * await kimi.login({
 *   onVerification: ({ verificationUri, userCode }) => console.log(verificationUri, userCode),
 * });
 * const openai = new OpenAI({ apiKey: "unused", fetch: kimi.fetch });
 * const { choices } = await openai.chat.completions.create({
 *   model: "kimi-for-coding",
 *   messages: [{ role: "user", content: "Hello" }],
 * });
 * console.log(choices[0]?.message.content);
 * ```
 * @example Without a network
 * ```ts
 * import { createKimi, credentialFromTokens, memoryStore } from "@kimi/full";
 * import { systemEnvironment } from "@kimi/full/runtime";
 * import { assertEquals } from "@std/assert";
 *
 * const store = memoryStore(credentialFromTokens({ accessToken: "a", refreshToken: "r" }, 0));
 * const fetch = async (url: unknown) => Response.json({ asked: String(url) });
 * const environment = { ...systemEnvironment(), now: () => 1_000, fetch };
 * const kimi = createKimi({ environment, store, client: "opencode" });
 * const answer = await kimi.fetch("https://api.openai.com/v1/models");
 * assertEquals(await answer.json(), { asked: "https://api.kimi.com/coding/v1/models" });
 * ```
 */
export function createKimi(options: KimiOptions): Kimi {
  assertKimiOptions(options);
  const { environment, client = DEFAULT_CLIENT, region = "com", hosts } = options;
  const store = guardedStore(options.store);
  const variables = hosts === undefined ? environment.variables : {
    ...environment.variables,
    KIMI_CODE_OAUTH_HOST: hosts.oauth,
    KIMI_CODE_BASE_URL: hosts.api,
  };
  const hostsOf = (credential: Credential) => resolveHosts(variables, undefined, credential.hosts);
  const tokens = advised(createTokenManager(environment, store, { client, hosts: hostsOf }));
  const settings = readEnvSettings(variables);
  for (const problem of settings.problems) environment.log("warn", problem);
  const sessionKey = environment.randomUUID();
  const request = { client, api: (credential: Credential) => hostsOf(credential).api };
  let account: readonly Model[] = [];

  const chat = createChat(environment, tokens, {
    passesFiltered: true,
    client,
    settings,
    model: (id) => ({
      ...chatModelOf(modelFacts(id, account)),
      userKeys: ["max_completion_tokens"],
    }),
    models: () => chatModelIds(account),
    rejects: ({ code }) => code === "not_stored",
    base: (credential) => ({ from: DEFAULT_API_BASE, to: hostsOf(credential).api }),
  });

  return {
    async login({ onVerification, signal }) {
      if (typeof onVerification !== "function") {
        throw new TypeError('login: "onVerification" must be a function');
      }
      const { loginHosts, startLogin } = await accountParts();
      const hosts = loginHosts(region, variables);
      const options = { hosts, client, scope: SCOPES[client], signal };
      const { credential, ...verification } = await startLogin(environment, options);
      await onVerification(verification);
      await store.save(await credential(), signal);
    },

    async models() {
      const { fetchModels } = await accountParts();
      return account = await fetchModels(environment, tokens, request).finally(tokens.settled);
    },

    async usage() {
      const { fetchUsage } = await accountParts();
      return await fetchUsage(environment, tokens, request).finally(tokens.settled);
    },

    fetch: (input, init) => fetchAsKimi(chat, sessionKey, input, init),
  };
}

/** Makes body and request of what an OpenAI client asks for. */
async function fetchAsKimi(
  chat: Chat,
  sessionKey: string,
  input: string | URL | Request,
  init: RequestInit = {},
): Promise<Response> {
  const given = input instanceof Request ? { ...await partsOf(input), ...init } : init;
  const path = pathOf(input instanceof Request ? input.url : String(input));
  const { body = null } = given;
  let sent = typeof body === "string" || body === null ? body : await new Response(body).text();
  try {
    if (path.startsWith(CHAT) && sent !== null) {
      await chat.ready();
      sent = chatText(chat, sessionKey, sent);
    }
  } catch (error) {
    if (error instanceof KimiError) return await failureResponse(error);
    throw error;
  }
  return await chat.fetch(`${DEFAULT_API_BASE}${path}`, { ...given, body: sent });
}

/** The path below the API base, whatever base the caller's client has. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url, DEFAULT_API_BASE);
  const [known] = /\/(?:chat\/completions|models(?:\/[^/]+)?|usages?)\/?$/.exec(pathname) ?? [];
  return `${known ?? pathname.replace(/^.*?\/v\d+(?=\/|$)/, "")}${search}`;
}

function chatText(chat: Chat, sessionKey: string, sent: string): string {
  const body = parseObject(sent);
  if (body === undefined) {
    throw new KimiError("invalid_request", "Chat: the body of the request is not a JSON object");
  }
  const prompt_cache_key = text(body.prompt_cache_key) ?? sessionKey;
  return JSON.stringify(chat.transformRequestBody({ ...body, prompt_cache_key }));
}

function advised({ current, renew, ...others }: TokenManager): TokenManager {
  const advise = (error: unknown): never => {
    const advice = error instanceof KimiError ? ADVICE[error.code] : undefined;
    if (!(error instanceof KimiError) || advice === undefined) throw error;
    throw new KimiError(error.code, advice, { cause: error });
  };
  return {
    ...others,
    current: (signal) => current(signal).catch(advise),
    renew: (rejected, signal) => renew(rejected, signal).catch(advise),
  };
}
