/** The input and the result of building a chat body, for every client. */

import type { JsonObject } from "../util/json.ts";
import type { ModelAbilities } from "./efforts.ts";
import type { EnvSettings } from "./env_settings.ts";

/** What a chat body depends on besides opencode's own body. */
export interface BodyContext {
  /** Context length of the model in tokens; 0 or less if it is unknown. */
  readonly contextLength: number;
  /** False for a model that cannot think: no thinking field is sent unless the user chose one. */
  readonly canThink?: boolean;
  /** What is known of the model's thinking. */
  readonly abilities?: ModelAbilities;
  /** The user's `KIMI_*` environment variables. */
  readonly settings: EnvSettings;
  /** Keys that the user wrote in the model's options. */
  readonly userKeys: readonly string[];
  /** The last answers, by {@linkcode Conversation.key}. */
  readonly answered: ReadonlyMap<string, AnsweredConversation>;
  /** How the model spelled the arguments of the conversation's calls: all calls, in their order. */
  readonly spelled?: readonly Spelled[];
  /** Begins a request of a conversation, and judges whether the arguments of its calls are JSON objects. */
  readonly judge?: (conversation: string) => (args: unknown) => boolean;
}

/** Arguments of a tool call, as the model spelled them. */
export interface Spelled {
  /** The call's id. */
  readonly id: string;
  /** What the model wrote; absent if that is not known, or is what `JSON.stringify` writes. */
  readonly text?: string;
  /** The same value, as `JSON.stringify` writes it. */
  readonly plain?: string;
}

/** A chat body, and what to remember of it until its answer reports its length. */
export interface ChatBody {
  /** The body, to be serialised by `JSON.stringify`. */
  readonly body: JsonObject;
  /** The measured messages of the body. */
  readonly conversation: Conversation;
  /** The caller's names of tools by their names on the wire, for those that have two. */
  readonly toolNames: ReadonlyMap<string, string>;
  /** Lines for a log, about everything that was dropped or passed on without being understood. */
  readonly notes: readonly string[];
}

/** The converted messages of a request, measured. */
export interface Conversation {
  /** The messages in the client's form. */
  readonly messages: readonly unknown[];
  /** Estimated tokens of all messages. */
  readonly tokens: number;
  /** Tokens that the service counted for the last answer; 0 if nothing is known. */
  readonly counted: number;
  /** The same plus those appended since. */
  readonly floor: number;
  /** Identifies the conversation within all sessions; a session and its title have one each. */
  readonly key: string;
  /** A hash of these messages in this order, to recognise them in a later request. */
  readonly mark: number;
}

/** What is remembered of an answered conversation. */
export interface AnsweredConversation {
  /** Number of messages that were sent. */
  readonly count: number;
  /** {@linkcode Conversation.mark} of those messages. */
  readonly mark: number;
  /** Tokens that the service counted for request and answer together. */
  readonly total: number;
}
