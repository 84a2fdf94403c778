import { type Chat, type ChatOptions, createChat } from "../../../lib/client/chat/fetch.ts";
import type { Credential } from "../../../lib/client/tokens/credential.ts";
import { OPENCODE_WORDS } from "../../../lib/opencode/error_words.ts";
import { resolveHosts } from "../../../lib/kimi/identity/hosts.ts";
import { wouldRetry } from "../../../lib/kimi/errors/opencode_retry.ts";
import { readEnvSettings } from "../../../lib/kimi/chat/env_settings.ts";
import { assertEquals } from "@std/assert";
import type { Answer, SentRequest } from "../../support/environment.ts";
import { login, rotating, type Setup, setup } from "../fixtures.ts";

/** The URL that opencode's SDK calls. */
export const URL_OF_CHAT = "https://api.kimi.com/coding/v1/chat/completions";

/** A chat over a login, and what it stands on. */
export interface ChatSetup extends Setup {
  readonly talk: Chat;
  /** The chat requests so far. */
  readonly chats: () => readonly SentRequest[];
  /** The refreshes so far. */
  readonly refreshes: () => readonly SentRequest[];
}

/** How a chat differs from the usual. */
export interface ChatChanges {
  readonly stored?: Credential | undefined;
  readonly oauth?: Answer;
  readonly variables?: Readonly<Record<string, string>>;
  readonly options?: Partial<ChatOptions>;
  readonly versions?: Readonly<Record<string, string>>;
}

/** Makes a chat whose requests are answered by the function. */
export async function chatSetup(answer: Answer, changes: ChatChanges = {}): Promise<ChatSetup> {
  const { oauth = rotating(), variables = {}, options = {}, versions = {} } = changes;
  const stored = "stored" in changes ? changes.stored : login();
  const isOAuth = ({ url }: SentRequest) => new URL(url).pathname.startsWith("/api/oauth/");
  const made = setup(stored, (sent) => isOAuth(sent) ? oauth(sent) : answer(sent), variables);
  const hosts = (credential?: Credential) => resolveHosts(variables, undefined, credential?.hosts);
  const talk = createChat({ ...made.environment, versions }, made.source, {
    client: "kimi-cli",
    settings: readEnvSettings(variables),
    model: () => ({ contextLength: 262_144, canThink: true, userKeys: [] }),
    onAnswer: () => {},
    words: () => Promise.resolve(OPENCODE_WORDS),
    base: (credential) => ({ from: hosts().api, to: hosts(credential).api }),
    ...options,
  });
  await talk.ready();
  const { sent } = made.environment;
  return {
    ...made,
    talk,
    chats: () => sent.filter((request) => !isOAuth(request)),
    refreshes: () => sent.filter(isOAuth),
  };
}

/** What opencode's SDK hands to `fetch`. */
export function init(changes: RequestInit & { readonly timeout?: false } = {}): RequestInit {
  return {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: "Bearer ignored",
      "user-agent": "opencode/1.18.33 ai-sdk/provider-utils/4.0.23 runtime/bun/1.3.14",
      "x-session-affinity": "ses_1",
      "x-session-id": "ses_1",
      "x-parent-session-id": "ses_0",
      "x-opencode-client": "cli",
    },
    body: '{"messages":[]}',
    ...changes,
  };
}

/** The chunk that ends an answer. */
export const FINISH = '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}';

/** An event stream of the data, which begins with the end of an answer. */
export function events(...data: readonly string[]): Response {
  return new Response([FINISH, ...data].map((event) => `data: ${event}\n\n`).join(""), {
    headers: { "Content-Type": "text/event-stream; charset=utf-8" },
  });
}

/** A chunk with a usage, as Moonshot sends it last. */
export function usage(prompt: number, completion: number): string {
  const tokens = { prompt_tokens: prompt, completion_tokens: completion, cached_tokens: 1 };
  return JSON.stringify({ choices: [], usage: { ...tokens, total_tokens: prompt + completion } });
}

/** An error of the API. */
export function apiError(status: number, type: string, message: string): Response {
  return Response.json({ error: { type, message } }, { status });
}

/** An answer in OpenAI's error shape. */
export interface OpenAiError {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  readonly text: string;
}

/** Asserts that an answer has OpenAI's error shape. */
export async function readError(response: Response): Promise<OpenAiError> {
  assertEquals(response.headers.get("content-type"), "application/json");
  const text = await response.text();
  const { error }: { error: { message: string; type: string } } = JSON.parse(text);
  assertEquals([typeof error.message, typeof error.type], ["string", "string"]);
  return { status: response.status, ...error, text };
}

/** Asserts that opencode does not send a request again because of this answer (contract 13). */
export async function assertFinal(response: Response): Promise<OpenAiError> {
  const error = await readError(response);
  assertEquals(wouldRetry(error.text), false, error.text);
  assertEquals([429, 500, 502, 503, 504, 529].includes(error.status), false);
  return error;
}
