/**
 * Looks at recorded requests. Each function returns what is wrong, one line for each fault.
 *
 * @module
 */
import { isTitleRequest } from "../fake/answers/script.ts";
import type { RecordedRequest, RequestKind } from "../fake/types.ts";

/** A message of a chat body. */
export interface ChatMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly reasoning_content?: string;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly { readonly id: string }[];
}

/** A chat body, as far as it is looked at. */
export interface ChatBody {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly { readonly function: { readonly name: string } }[];
  readonly prompt_cache_key?: string;
  readonly max_completion_tokens?: number;
  readonly reasoning_effort?: string;
  readonly thinking?: { readonly type: string };
}

/** A chat request with its body read. */
export interface Chat extends RecordedRequest {
  readonly parsed: ChatBody;
  readonly title: boolean;
}

/** Key order of kimi-cli 1.51.0 (captures of the pinned release). */
const BODY_KEYS = [
  "messages",
  "model",
  "max_completion_tokens",
  "prompt_cache_key",
  "reasoning_effort",
  "stream",
  "stream_options",
  "temperature",
  "tools",
  "top_p",
  "thinking",
];

const MESSAGE_KEYS = ["role", "content", "tool_calls", "tool_call_id", "reasoning_content"];

const X_MSH = {
  "x-msh-platform": /^kimi_cli$/,
  "x-msh-version": /^1\.51\.0$/,
  "x-msh-device-name": /^[ -~]+$/,
  "x-msh-device-model": /^[ -~]+$/,
  "x-msh-os-version": /^[ -~]+$/,
  "x-msh-device-id": /^[0-9a-f]{32}$/,
};

const OURS: Readonly<Record<string, RegExp>> = {
  authorization: /^Bearer \S+$/,
  accept: /^application\/json$/,
  "user-agent": /^KimiCLI\/1\.51\.0$/,
};

const FORM = {
  ...X_MSH,
  accept: /^application\/json$/,
  "user-agent": /^KimiCLI\/1\.51\.0$/,
  "content-type": /^application\/x-www-form-urlencoded$/,
};

/** A request for a tool of the model. */
const CALL = {
  ...OURS,
  ...X_MSH,
  "content-type": /^application\/json$/,
  "x-msh-tool-call-id": /^\S+$/,
};

/** What each kind of request must hold, and nothing beside it but {@linkcode TRANSPORT}. */
const HEADERS: Readonly<Record<RequestKind, Readonly<Record<string, RegExp>>>> = {
  chat: { ...OURS, ...X_MSH, "content-type": /^application\/json$/ },
  device: FORM,
  poll: FORM,
  refresh: FORM,
  models: OURS,
  usages: OURS,
  search: { ...CALL, accept: /^\*\/\*$/ },
  fetch: { ...CALL, accept: /^text\/markdown$/ },
  files: { ...OURS, ...X_MSH, "content-type": /^multipart\/form-data; boundary=/ },
  other: {},
};

/** Set by the runtime's HTTP client. */
const TRANSPORT = ["host", "connection", "accept-encoding", "content-length"];

/** The chat requests among some requests. */
export function chatsOf(requests: readonly RecordedRequest[]): Chat[] {
  return requests.filter(({ kind }) => kind === "chat").map((request) => {
    const parsed = JSON.parse(request.body);
    return { ...request, parsed, title: isTitleRequest(parsed) };
  });
}

/** Headers that are missing, foreign, doubled or of another value. */
export function headerFaults({ kind, headers }: RecordedRequest): string[] {
  const expected = HEADERS[kind];
  const seen = headers.map(([name]) => name.toLowerCase())
    .filter((name) => !TRANSPORT.includes(name));
  const foreign = seen.filter((name, index) => !(name in expected) || seen.indexOf(name) !== index);
  const wrong = Object.entries(expected).filter(([name, pattern]) =>
    !pattern.test(headerOf(headers, name))
  ).map(([name]) => `${name} ${JSON.stringify(headerOf(headers, name))}`);
  return [
    ...foreign.map((name) => `${kind}: foreign header ${name}`),
    ...wrong.map((header) => `${kind}: wrong header ${header}`),
  ];
}

/** The six X-Msh headers of a request, as one text. */
export function identityOf({ headers }: RecordedRequest): string {
  return Object.keys(X_MSH).map((name) => `${name}: ${headerOf(headers, name)}`).join("\n");
}

/** A header's value; empty where it is absent. */
export function headerOf(headers: RecordedRequest["headers"], name: string): string {
  return headers.find(([other]) => other.toLowerCase() === name)?.[1] ?? "";
}

/** A body whose keys are not kimi-cli's, in kimi-cli's order. */
export function keyFaults({ parsed }: Chat): string[] {
  const found = Object.keys(parsed);
  return sameOrder(found, BODY_KEYS) ? [] : [`body has ${found.join(", ")}`];
}

/** Messages whose keys are not kimi-cli's, and blank text beside a tool call. */
export function messageFaults({ parsed }: Chat): string[] {
  return parsed.messages.flatMap((message) => {
    const keys = Object.keys(message);
    const order = sameOrder(keys, MESSAGE_KEYS) ? [] : [`a message has ${keys.join(", ")}`];
    const { content, tool_calls } = message;
    const blank = tool_calls !== undefined && typeof content === "string" && content.trim() === "";
    return blank ? [...order, "a tool call stands beside blank content"] : order;
  });
}

/** Tool calls without an answer of their id, and answers without a call. */
export function pairingFaults({ parsed }: Chat): string[] {
  const called = parsed.messages.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id }) => id));
  const answered = parsed.messages.flatMap(({ tool_call_id: id }) => id === undefined ? [] : [id]);
  if (called.length > 0 && called.join() === answered.join()) return [];
  return [`called ${called.join() || "nothing"}, answered ${answered.join() || "nothing"}`];
}

/** A body that asks for another effort than `effort`; undefined stands for no choice. */
export function effortFaults({ parsed }: Chat, effort: "off" | "high" | undefined): string[] {
  const wanted = {
    thinking: { type: effort === "off" ? "disabled" : "enabled" },
    ...(effort === "high" ? { reasoning_effort: "high" } : {}),
  };
  const { thinking, reasoning_effort } = parsed;
  const found = { thinking, ...(reasoning_effort === undefined ? {} : { reasoning_effort }) };
  const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
  return is === should ? [] : [`${is} in place of ${should}`];
}

/** Later bodies that don't begin with the very bytes of the messages before them. */
export function prefixFaults(chats: readonly Chat[]): string[] {
  return chats.slice(1).flatMap((chat, index) => {
    const { body: earlier = "", parsed } = chats[index] ?? {};
    const begin = earlier.indexOf('"messages":[') + '"messages":'.length;
    const messages = earlier.slice(0, begin + JSON.stringify(parsed?.messages).length - 1);
    return chat.body.startsWith(messages) ? [] : [`request ${index + 2} changed earlier messages`];
  });
}

/** A budget that leaves no room for what was sent, or is not as large as the context allows. */
export function budgetFaults({ parsed, body }: Chat, context: number): string[] {
  const budget = parsed.max_completion_tokens ?? 0;
  const most = context - 1024; // the reserve of kimi-cli 1.51.0
  const least = most - body.length;
  if (Number.isInteger(budget) && least <= budget && budget < most) return [];
  return [`max_completion_tokens ${budget} is not between ${least} and ${most}`];
}

function sameOrder(found: readonly string[], order: readonly string[]): boolean {
  return found.join() === order.filter((key) => found.includes(key)).join();
}
