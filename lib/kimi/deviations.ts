/** Deliberate differences from kimi-cli. Any other difference is a fault. */

/** What differs, and why, by a stable name. */
const TEXTS = {
  scope: [
    "scope=kimi-code on the device authorization; kimi-cli sends none",
    'the service\'s own tokens carry that scope; the option "scope": false leaves it out',
  ],
  "cache-key": [
    "prompt_cache_key is opencode's session id, and a sub-agent's own; kimi-cli's is a UUID",
    "it must stay the same for the whole session",
  ],
  "user-agent": [
    "User-Agent of kimi-cli on OAuth, /models and /usages too, not that of its HTTP library",
    "we do not use aiohttp, and kimi-cli names itself so wherever it sets the header",
  ],
  accept: [
    "Accept: application/json on OAuth, /models and /usages; kimi-cli's library sends `*/*`",
    "only JSON is read there",
  ],
  stainless: ["no X-Stainless-* headers on chats", "they would claim a Python runtime"],
  transport: [
    "order of the headers, and Host, Connection, Accept-Encoding and Content-Length",
    "the runtime's HTTP client writes them",
  ],
  login: [
    "slow_down is honoured, an expired code is not renewed, a refusal is final",
    "RFC 8628 §3.5",
  ],
  title: [
    "opencode's title request has thinking disabled; kimi-cli requests no title",
    "a title needs no thinking, and the plan is charged for thinking",
  ],
  numbers: [
    "numbers are spelled as JavaScript spells them: 1, not 1.0",
    "JSON.stringify writes the body; the value is the same",
  ],
  neighbours: [
    "user messages that follow each other stay apart; kimi-cli joins them before it sends them",
    "opencode keeps them apart, and joining them would change bytes that are cached already",
  ],
  restart: [
    "after a restart max_completion_tokens follows the estimate alone until the next answer",
    "the service's count is kept only in memory; kimi-cli keeps it in a file",
  ],
  reasoning: [
    'a tool call without reasoning gets reasoning_content "" while thinking is on',
    "the service refuses it otherwise",
  ],
  empty: ["blank assistant messages and empty text parts are left out", "the service refuses them"],
  results: [
    "a blank tool result is sent as kimi-cli's own words for one; a missing result says so",
    "the service refuses it, and every later request of the conversation",
  ],
  images: [
    "an image gets the type of its data; one that the service refuses becomes a line of text",
    "the service refuses it, and every later request of the conversation",
  ],
  "call-ids": [
    "tool-call ids are unique in a request and have at most 64 characters, in call and result alike",
    "the service refuses others; they come from other models' turns",
  ],
  arguments: [
    "tool-call arguments that are not a JSON object are sent as {}",
    "the service refuses them",
  ],
  "tool-names": [
    "tool names that the service refuses have another name on the wire",
    "one such name makes the service refuse every request",
  ],
  schemas: [
    "tool schemas that the service's checker refuses are rewritten, with the same meaning",
    "one such schema makes the service refuse every request",
  ],
  surrogates: [
    "a lone surrogate is sent as U+FFFD; kimi-cli fails",
    "a conversation with one could not continue",
  ],
  "tool-choice": [
    "a forced tool choice is dropped while thinking is on; kimi-cli never forces one",
    "the service refuses it then",
  ],
  "quota-watch": [
    "/usages is requested after an answer, at most every ten minutes; kimi-cli requests it on command",
    "the user is told that a window is nearly used up while some of it is left",
  ],
} as const;

/** The name of a deliberate difference. */
export type DeviationId = keyof typeof TEXTS;

/** All deliberate differences; the parity check, the docs and `doctor` read them. */
export const DEVIATIONS = (Object.keys(TEXTS) as DeviationId[]).map((id) => {
  const [what, why] = TEXTS[id];
  return { id, what, why };
});
