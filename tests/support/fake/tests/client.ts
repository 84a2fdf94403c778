import { list, object } from "../rules/body.ts";
import { CLIENT_ID, KIMI_CLI_VERSION } from "../answers/defaults.ts";
import type { FakeKimi } from "../kimi.ts";

type Form = Readonly<Record<string, string>>;

/** The identity headers of kimi-cli, as captured. */
export const IDENTITY: Readonly<Record<string, string>> = {
  "User-Agent": `KimiCLI/${KIMI_CLI_VERSION}`,
  "X-Msh-Platform": "kimi_cli",
  "X-Msh-Version": KIMI_CLI_VERSION,
  "X-Msh-Device-Name": "vm",
  "X-Msh-Device-Model": "Linux 6.18.44 x86_64",
  "X-Msh-Os-Version": "#1 SMP PREEMPT_DYNAMIC @0",
  "X-Msh-Device-Id": "0146db0f52544e1bb2a4ae73bbc7b440",
};

/** The smallest body that the fake answers. */
export const HELLO = {
  messages: [{ role: "user", content: "hello" }],
  model: "kimi-for-coding",
  stream: true,
  stream_options: { include_usage: true },
};

type Path = readonly (string | number)[];

/** A whole answer; `at` and `string` reach into its JSON. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  at(...path: Path): unknown;
  string(...path: Path): string;
}

/** What stands at a path of a JSON value; undefined where the path ends early. */
export function at(value: unknown, ...path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => Array.isArray(inner) ? inner.at(Number(key)) : object(inner)[key],
    value,
  );
}

async function read(response: Response): Promise<Answered> {
  const { status, headers } = response;
  const text = await response.text();
  const find = (...path: Path) => at(JSON.parse(text), ...path);
  return { status, headers, text, at: find, string: (...path) => String(find(...path)) };
}

/** Posts a form to the OAuth host, as kimi-cli. */
export async function postForm(
  fake: FakeKimi,
  path: string,
  form: Form,
  headers: Form = IDENTITY,
): Promise<Answered> {
  const body = new URLSearchParams({ client_id: CLIENT_ID, ...form });
  return await read(
    await fetch(`${fake.url}/api/oauth/${path}`, { method: "POST", body, headers }),
  );
}

/** Rotates a refresh token. */
export function refresh(fake: FakeKimi, refresh_token: string): Promise<Answered> {
  return postForm(fake, "token", { grant_type: "refresh_token", refresh_token });
}

/** Polls with a device code. */
export function poll(fake: FakeKimi, device_code: string): Promise<Answered> {
  const grant_type = "urn:ietf:params:oauth:grant-type:device_code";
  return postForm(fake, "token", { grant_type, device_code });
}

/** Posts a chat body, as kimi-cli; a string goes out as it is. */
export async function chat(
  fake: FakeKimi,
  token: string,
  body: unknown = HELLO,
  headers: Form = IDENTITY,
): Promise<Answered> {
  const response = await fetch(`${fake.apiBase}/chat/completions`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { ...headers, "Content-Type": "application/json", Authorization: `Bearer ${token}` },
  });
  return await read(response);
}

/** Gets a path of the coding API with a bearer alone. */
export async function get(fake: FakeKimi, path: string, token: string): Promise<Answered> {
  const headers = { Authorization: `Bearer ${token}` };
  return await read(await fetch(`${fake.apiBase}/${path}`, { headers }));
}

/** Calls a control endpoint. */
export async function control(
  fake: FakeKimi,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answered> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  return await read(await fetch(`${fake.url}/__fake/${path}`, init));
}

/** The parsed data of an event stream, `[DONE]` left out. */
export function events(text: string): readonly unknown[] {
  return text.split(/\r?\n\r?\n/).filter((block) => block.startsWith("data: {"))
    .map((block): unknown => JSON.parse(block.slice("data: ".length)));
}

/** The pieces of one delta key, joined. */
export function said(text: string, key = "content"): string {
  return events(text).map((chunk) => at(chunk, "choices", 0, "delta", key) ?? "").join("");
}

/** The pieces of tool calls in a stream, in order. */
export function callPieces(text: string): readonly unknown[] {
  return events(text).flatMap((chunk) => list(at(chunk, "choices", 0, "delta", "tool_calls")));
}
