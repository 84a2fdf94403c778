import { createKimi, type Kimi, type KimiOptions } from "../../../lib/client/kimi.ts";
import { type LoginStore, memoryStore } from "../../../lib/client/tokens/login_store.ts";
import type { Credential } from "../../../lib/client/tokens/credential.ts";
import { isObject, type JsonObject } from "../../../lib/kimi/util/json.ts";
import { type Answer, type FakeEnvironment, fakeEnvironment } from "../../support/environment.ts";
import { login } from "../fixtures.ts";

/** The API's default base. */
export const API = "https://api.kimi.com/coding/v1";
/** The URL that npm's openai calls. */
export const OPENAI = "https://api.openai.com/v1/chat/completions";

/** A client, and what it stands on. */
export interface Made {
  readonly kimi: Kimi;
  readonly environment: FakeEnvironment;
  readonly store: LoginStore;
}

/** How a client differs from the usual. */
export interface Changes extends Partial<KimiOptions> {
  readonly answer?: Answer;
  readonly variables?: Readonly<Record<string, string>>;
  readonly stored?: Credential | undefined;
}

let logins = 0;

/** A login of its own: what a process knows of refresh tokens is shared by all tests. */
export function newLogin(left = 900): Credential {
  return login(left, `-kimi-${logins++}`);
}

/** Makes a client that is logged in. */
export function made(changes: Changes = {}): Made {
  const { answer = () => Response.json({}), variables = {}, stored, ...options } = changes;
  const environment = fakeEnvironment({ answer, variables });
  const store = memoryStore("stored" in changes ? stored : newLogin());
  const given = { environment, store, ...options };
  return { kimi: createKimi(given), environment, store: given.store };
}

/** A request with a JSON body. */
export function post(body: unknown): RequestInit {
  return { method: "POST", body: JSON.stringify(body) };
}

/** The body of a chat request. */
export function asked(text = "hi"): JsonObject {
  return { model: "kimi-for-coding", messages: [{ role: "user", content: text }] };
}

/** The body of a request that was sent. */
export function bodyOf(environment: FakeEnvironment, index = -1): JsonObject {
  const body: unknown = JSON.parse(environment.sent.at(index)?.body ?? "null");
  return isObject(body) ? body : {};
}

/** What an OpenAI client reads of an error. */
export async function errorOf(
  answer: Response,
): Promise<readonly [status: number, message: string]> {
  return [answer.status, (await answer.json()).error.message];
}
