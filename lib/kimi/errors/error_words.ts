/** The words in which an error of the API is explained to the user. */

import { otherClients } from "../clients/other_clients.ts";
import type { ClientName } from "../identity/constants.ts";
import type { Region } from "../identity/regions.ts";
import type { UsageWindow } from "../usage/response.ts";
import { printable } from "../util/json.ts";
import { withoutRetryWords, wouldRetry } from "./opencode_retry.ts";
import type { ApiError } from "./error_table.ts";

/**
 * How the program's user can log in again, send another client's identity, shorten a conversation,
 * remove images and rephrase a request. Each is the end of a sentence, in which `kimi.com` stands for
 * the region of the account, and `{clients}` for the clients to try.
 */
export type HostWords = Readonly<
  Record<"login" | "client" | "shorten" | "remove" | "rephrase", string>
>;

/** For programs that set no words of their own. */
export const PLAIN_WORDS: HostWords = {
  login: "log in again",
  client: "set {clients}",
  shorten: "shorten it",
  remove: "remove what is large, such as images",
  rephrase: "change the last message",
};

/** What is known of the account that a request was sent for. */
export interface FailureContext {
  /** The client whose identity was sent. */
  readonly client?: ClientName | undefined;
  /** Region of the account. */
  readonly region?: Region | undefined;
  /** Ids of the account's models, as far as they are known. */
  readonly models?: readonly string[] | undefined;
  /** The window whose quota is used up. */
  readonly window?: UsageWindow | undefined;
  /** Whether the service has answered this client before: a refusal of its identity may pass. */
  readonly hasWorked?: boolean | undefined;
  /** Formats a time, in milliseconds since 1970, as the user's clock shows it; in UTC by default. */
  readonly localTime?: (time: number) => string;
  /** What the user can do; plain words by default. */
  readonly words?: HostWords | undefined;
}

const WAIT = "it was accepted before, so wait a while; if it stays so, ";

/** Explains an error in a line; that of a final error has nothing that makes opencode retry. */
export function explainApiError(
  { kind, retry, serviceMessage, resetsAt, traceId = "" }: ApiError,
  explanation: string,
  {
    client: inForce,
    region = "com",
    models = [],
    window,
    words = PLAIN_WORDS,
    localTime,
    hasWorked,
  }: FailureContext,
): string {
  const inRegion = (part: string) => part.replaceAll("kimi.com", `kimi.${region}`);
  const others = words.client.replace("{clients}", otherClients(inForce));
  const client = hasWorked ? `${WAIT}${others}` : others;
  const filled = Object.entries({ ...words, client })
    .reduce((rest, [name, word]) => rest.replace(`{${name}}`, word), explanation);
  let text = inRegion(filled);
  const add = (...parts: readonly string[]) => {
    text += parts.find((part) => retry || !wouldRetry(`${text}${part}`)) ?? "";
  };
  if (kind === "quota") add(resetText(resetsAt ?? window?.resetsAt, window, localTime));
  if (kind === "model" && models.length > 0) {
    add(`. The account has ${models.map(printable).join(", ")}`);
  }
  const saying = kind === "token" ? `: ${serviceMessage}` : `. Kimi says: ${serviceMessage}`;
  if (serviceMessage !== "") add(saying, withoutRetryWords(saying));
  // The reason of a 401 may be the plan, the region or the clock: a new login is the last thing to try.
  if (kind === "token") add(`. If it stays so, ${inRegion(words.login)}`);
  if (traceId !== "") add(` (trace id ${traceId})`);
  return text;
}

/** Names the window that is used up and its reset, after a period; "" if neither is known. */
function resetText(
  resetsAt: number | undefined,
  window: UsageWindow | undefined,
  localTime: (time: number) => string = utc,
): string {
  const reset = resetsAt === undefined ? "" : `resets at ${localTime(resetsAt)}`;
  if (window === undefined) return reset === "" ? "" : `. It ${reset}`;
  return `. Used up: ${window.name}${reset === "" ? "" : `, which ${reset}`}`;
}

function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
