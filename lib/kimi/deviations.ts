/** Deliberate differences from kimi-cli. Any other difference is a fault. */

/** A deliberate difference from kimi-cli. */
export interface Deviation {
  /** A stable name. */
  readonly id: string;
  /** What differs. */
  readonly what: string;
  /** Why. */
  readonly why: string;
}

/** All deliberate differences; the parity check, the docs and `doctor` read them. */
export const DEVIATIONS = [
  {
    id: "scope",
    what: "scope=kimi-code on the device authorization; kimi-cli sends none",
    why: 'the service\'s own tokens carry that scope; the option "scope": false leaves it out',
  },
  {
    id: "cache-key",
    what: "prompt_cache_key is opencode's session id, and a sub-agent's own; kimi-cli's is a UUID",
    why: "it must stay the same for the whole session",
  },
  {
    id: "user-agent",
    what: "User-Agent of kimi-cli on OAuth, /models and /usages too, not that of its HTTP library",
    why: "we do not use aiohttp, and kimi-cli names itself so wherever it sets the header",
  },
  {
    id: "accept",
    what: "Accept: application/json on OAuth, /models and /usages; kimi-cli's library sends `*/*`",
    why: "only JSON is read there",
  },
  {
    id: "stainless",
    what: "no X-Stainless-* headers on chats",
    why: "they would claim a Python runtime",
  },
  {
    id: "transport",
    what: "order of the headers, and Host, Connection, Accept-Encoding and Content-Length",
    why: "the runtime's HTTP client writes them",
  },
  {
    id: "login",
    what: "slow_down is honoured, an expired code is not renewed, a refusal is final",
    why: "RFC 8628 §3.5",
  },
  {
    id: "title",
    what: "opencode's title request has thinking disabled; kimi-cli requests no title",
    why: "a title needs no thinking, and the plan is charged for thinking",
  },
  {
    id: "numbers",
    what: "numbers are spelled as JavaScript spells them: 1, not 1.0",
    why: "JSON.stringify writes the body; the value is the same",
  },
  {
    id: "neighbours",
    what:
      "user messages that follow each other stay apart; kimi-cli joins them before it sends them",
    why: "opencode keeps them apart, and joining them would change bytes that are cached already",
  },
  {
    id: "restart",
    what: "after a restart max_completion_tokens follows the estimate alone until the next answer",
    why: "the service's count is kept only in memory; kimi-cli keeps it in a file",
  },
  {
    id: "reasoning",
    what: 'a tool call without reasoning gets reasoning_content "" while thinking is on',
    why: "the service refuses it otherwise",
  },
  {
    id: "empty",
    what: "empty assistant messages and empty text parts are left out",
    why: "the service refuses them",
  },
  {
    id: "images",
    what: "an image of a type that the service refuses is replaced by a line of text",
    why: "the service refuses it, and every later request of the conversation",
  },
  {
    id: "call-ids",
    what: "tool-call ids over 64 characters are shortened, in call and result alike",
    why: "the service refuses them; they come from other models' turns",
  },
  {
    id: "surrogates",
    what: "a lone surrogate is sent as U+FFFD; kimi-cli fails",
    why: "a conversation with one could not continue",
  },
  {
    id: "tool-choice",
    what: "a forced tool choice is dropped; kimi-cli never forces one",
    why: "the service refuses it while thinking is on",
  },
  {
    id: "quota-watch",
    what:
      "/usages is requested after an answer, at most every ten minutes; kimi-cli requests it on command",
    why: "the user is told that a window is nearly used up while some of it is left",
  },
] as const satisfies readonly Deviation[];

/** The `id` of one of {@linkcode DEVIATIONS}. */
export type DeviationId = typeof DEVIATIONS[number]["id"];
