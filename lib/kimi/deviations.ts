/** Deliberate differences from the clients whose identity is sent. Any other difference is a fault. */

import type { ClientName } from "./identity/constants.ts";

/** A client of Kimi's own. */
export type RealClientName = Exclude<ClientName, "opencode">;

const BOTH: readonly RealClientName[] = ["kimi-cli", "kimi-code"];
const KIMI_CLI: readonly RealClientName[] = ["kimi-cli"];
const KIMI_CODE: readonly RealClientName[] = ["kimi-code"];

/** What differs, why, and from which clients, by a stable name. */
const TEXTS = {
  scope: [
    "scope=kimi-code on the device authorization; kimi-cli sends none",
    'the service\'s own tokens carry that scope; the option "scope": false leaves it out',
    KIMI_CLI,
  ],
  "cache-key": [
    "prompt_cache_key is opencode's session id, and a sub-agent's own; a client's is a UUID",
    "it must stay the same for the whole session",
    BOTH,
  ],
  "user-agent": [
    "User-Agent of kimi-cli on OAuth, /models and /usages too, not that of its HTTP library",
    "we do not use aiohttp, and kimi-cli names itself so wherever it sets the header",
    KIMI_CLI,
  ],
  listing: [
    "User-Agent of kimi-code alone on /models and /usages; it sends the X-Msh headers too, or neither",
    "kimi-code does the one at a login and the other at a start",
    KIMI_CODE,
  ],
  accept: [
    "Accept: application/json on OAuth, /models and /usages; kimi-cli's library sends `*/*`",
    "only JSON is read there",
    KIMI_CLI,
  ],
  stainless: [
    "no X-Stainless-* headers on chats",
    "they would claim another runtime and library",
    BOTH,
  ],
  transport: [
    "order of the headers, and those of the HTTP client, such as Host, Connection and accept-language",
    "the runtime's HTTP client writes them",
    BOTH,
  ],
  login: [
    "slow_down is honoured, an expired code is not renewed, a refusal is final",
    "RFC 8628 §3.5",
    BOTH,
  ],
  "failed-refresh": [
    "a refresh that fails leaves the old token in use while it is valid; kimi-code fails the request",
    "the request can still be answered",
    KIMI_CODE,
  ],
  title: [
    "opencode's title request has thinking disabled; the clients request no title",
    "a title needs no thinking, and the plan is charged for thinking",
    BOTH,
  ],
  efforts: [
    "the efforts of a model are those of the last start, and built in at first",
    "/models is requested in the background; kimi-code requests it at the login",
    KIMI_CODE,
  ],
  variables: [
    "the numbers in KIMI_MODEL_* variables are read as kimi-cli reads them: 1e3 is no limit",
    "a variable means the same with each client",
    KIMI_CODE,
  ],
  numbers: [
    "numbers are spelled as JavaScript spells them: 1, not 1.0",
    "JSON.stringify writes the body; the value is the same",
    KIMI_CLI,
  ],
  neighbours: [
    "user messages that follow each other stay apart; the clients join them before they send them",
    "opencode keeps them apart, and joining them would change bytes that are cached already",
    BOTH,
  ],
  restart: [
    "after a restart max_completion_tokens ignores the service's last count until the next answer",
    "the count is kept only in memory; the clients keep it in a file",
    BOTH,
  ],
  reasoning: [
    'a tool call without reasoning gets reasoning_content "" while thinking is on',
    "the service refuses it otherwise",
    BOTH,
  ],
  "empty-reasoning": [
    'reasoning_content "" is not sent back once thinking is off',
    "opencode's SDK leaves it out",
    KIMI_CODE,
  ],
  empty: [
    "blank assistant messages and empty text parts are left out",
    "the service refuses them",
    BOTH,
  ],
  results: [
    "a blank tool result is sent as kimi-cli's own words for one; a missing result says so",
    "the service refuses it, and every later request of the conversation",
    BOTH,
  ],
  "result-order": [
    "tool results come in opencode's order; kimi-code puts them in that of their calls",
    "opencode's is the same, and earlier messages keep their bytes",
    KIMI_CODE,
  ],
  images: [
    "an image gets the type of its data; one that the service refuses becomes a line of text",
    "the service refuses it, and every later request of the conversation",
    BOTH,
  ],
  "call-ids": [
    "tool-call ids are unique in a request and have at most 64 characters, in call and result alike",
    "the service refuses others; they come from other models' turns",
    BOTH,
  ],
  "id-order": [
    "of two tool-call ids that become equal, the first keeps its form; kimi-code prefers the cleaner one",
    "earlier messages keep their bytes",
    KIMI_CODE,
  ],
  arguments: [
    "tool-call arguments that are not a JSON object are sent as {}",
    "the service refuses them",
    KIMI_CLI,
  ],
  spelling: [
    "arguments of a tool call that failed, or over 64 KB, are spelled as opencode spells them",
    "opencode keeps nothing of the model's own text there, and sent messages must keep their bytes",
    KIMI_CLI,
  ],
  "tool-names": [
    "tool names that the service refuses have another name on the wire",
    "one such name makes the service refuse every request",
    BOTH,
  ],
  "tool-order": [
    "tools are sorted as in English, whatever the language of the machine",
    "the order in another language would change the cached beginning",
    KIMI_CODE,
  ],
  schemas: [
    "tool schemas that the service's checker refuses are rewritten, with the same meaning",
    "one such schema makes the service refuse every request",
    BOTH,
  ],
  "mixed-enums": [
    "an enum with values of several types is rewritten; kimi-code sends no request",
    "one such schema would stop every request",
    KIMI_CODE,
  ],
  surrogates: [
    "a lone surrogate is sent as U+FFFD; kimi-cli fails, and kimi-code sends its escape",
    "a conversation with one could not continue",
    BOTH,
  ],
  "tool-choice": [
    "a forced tool choice is dropped while thinking is on; the clients never force one",
    "the service refuses it then",
    BOTH,
  ],
  "quota-watch": [
    "/usages is requested after an answer, at most every ten minutes; the clients do so on command",
    "the user is told that a window is nearly used up while some of it is left",
    BOTH,
  ],
} as const;

/** The name of a deliberate difference. */
export type DeviationId = keyof typeof TEXTS;

/** All deliberate differences; the parity check, the docs and `doctor` read them. */
export const DEVIATIONS = (Object.keys(TEXTS) as DeviationId[]).map((id) => {
  const [what, why, clients] = TEXTS[id];
  return { id, what, why, clients };
});

/** The client whose wire format each client has. */
const FORMATS: Readonly<Record<ClientName, RealClientName>> = {
  "kimi-cli": "kimi-cli",
  "kimi-code": "kimi-code",
  opencode: "kimi-cli",
};

/** The deliberate differences from the client whose wire format is sent. */
export function deviationsOf(client: ClientName) {
  return DEVIATIONS.filter(({ clients }) => clients.includes(FORMATS[client]));
}
