/** The words in which an error of the API is explained to the user. */

import type { Region } from "../identity/regions.ts";
import type { UsageWindow } from "../usage/response.ts";
import { printable } from "../util/json.ts";
import { withoutRetryWords, wouldRetry } from "./opencode_retry.ts";
import type { FailureReason, ReasonedError } from "./parse_api_error.ts";
import { resetText } from "./reset_time.ts";

/** What the user can do in the program that uses this library; each is the end of a sentence. */
export interface HostWords {
  /** How to log in again. */
  readonly login: (region: Region) => string;
  /** How to send another identity than kimi-cli's. */
  readonly client: string;
  /** What to do with a conversation that is too long. */
  readonly shorten: string;
  /** How to remove images and other large parts. */
  readonly remove: string;
  /** How to change what was asked. */
  readonly rephrase: string;
}

/** For programs that set no words of their own. */
export const PLAIN_WORDS: HostWords = {
  login: () => "log in again",
  client: 'set "client" to "opencode" to send this library\'s own name instead of kimi-cli\'s',
  shorten: "shorten it",
  remove: "remove what is large, such as images",
  rephrase: "change the last message",
};

/** What is known of the account that a request was sent for. */
export interface FailureContext {
  /** Where it is. */
  readonly region?: Region | undefined;
  /** Ids of its models. */
  readonly models?: readonly string[] | undefined;
  /** The window whose quota is used up. */
  readonly window?: UsageWindow | undefined;
  /** Formats a time, in milliseconds since 1970, as the user's clock shows it; in UTC by default. */
  readonly localTime?: (time: number) => string;
  /** What the user can do; by default without the name of any program. */
  readonly words?: HostWords | undefined;
}

/** `kimi.com` stands for the region of the account. */
const EXPLANATIONS: Readonly<Record<FailureReason, (words: HostWords) => string>> = {
  token: () => "Kimi refuses this account",
  plan: () => "Kimi cannot verify the membership: check the plan at https://www.kimi.com/code",
  quota: () => "The plan's quota is used up: wait for its reset, see https://www.kimi.com/code",
  client_gate: ({ client }) =>
    `Kimi refused this client's identity: ${client}, or use an API key of the plan`,
  ban: () =>
    "Kimi has closed this account's access: see its Community Guidelines, or write to " +
    "code@moonshot.ai",
  capacity: () => "Kimi's engine is overloaded",
  rate: () => "Kimi receives too many requests from this account",
  moderation: ({ rephrase }) => `Kimi considers the request high risk: ${rephrase}`,
  too_long: ({ shorten }) => `The conversation is too long for the model: ${shorten}`,
  too_large: ({ remove }) => `The request is too large for Kimi: ${remove}`,
  request: () => "Kimi refused the request",
  forbidden: () => "Kimi refused this: see https://www.kimi.com/code",
  model: () => "Kimi does not know the model, or the plan does not include it: choose another one",
  server: () => "Kimi's service has a failure",
  unknown: () => "",
};

/**
 * Explains an error in one line: what happened, what to do, and the service's own words. The line of an
 * error that is final omits the words and numbers that make opencode send the request again.
 */
export function explainApiError(error: ReasonedError, context: FailureContext): string {
  const { kind, reason, retry, serviceMessage, traceId = "" } = error;
  const { region = "com", models = [], window, words = PLAIN_WORDS } = context;
  let text = EXPLANATIONS[reason](words).replaceAll("kimi.com", `kimi.${region}`);
  const add = (...parts: readonly string[]) => {
    text += parts.find((part) => retry || !wouldRetry(`${text}${part}`)) ?? "";
  };
  if (kind === "quota") {
    add(resetText(error.resetsAt ?? window?.resetsAt, window, context.localTime));
  }
  if (kind === "model" && models.length > 0) {
    add(`. The account has ${models.map((model) => printable(model)).join(", ")}`);
  }
  // A 401 may mean the plan, the region or the clock: a new login is the last thing to try.
  const saying = serviceMessage === ""
    ? ""
    : `${kind === "token" ? ": " : ". Kimi says: "}${serviceMessage}`;
  add(saying, withoutRetryWords(saying));
  if (kind === "token") add(`. If it stays so, ${words.login(region)}`);
  if (traceId !== "") add(` (trace id ${traceId})`);
  return text;
}
