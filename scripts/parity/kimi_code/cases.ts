/** Conversations for kimi-code, as opencode holds them. */

import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import type { Message } from "../../../tests/support/conversations.ts";
import { switchCases } from "../modules/cases.ts";
import { type Conversation, generatedConversations, generatedTurns } from "../modules/generate.ts";
import type { Turns } from "../modules/turns.ts";
import { readVectors } from "../modules/vectors.ts";

export interface CodeConversation extends Conversation {
  /** What the service's `/models` says of the model's thinking; nothing if absent. */
  readonly model?: JsonObject;
  readonly variables?: Readonly<Record<string, string>>;
}

const HELLO: Message = { role: "user", text: "hello" };

/** The words of `/models` for a model with these efforts. */
function thinks(type: string, efforts?: readonly string[], most?: string): JsonObject {
  const think_efforts = {
    support: efforts !== undefined,
    valid_efforts: efforts ?? [],
    ...(most === undefined ? {} : { default_effort: most }),
  };
  return { context_length: 262_144, supports_thinking_type: type, think_efforts };
}

const MODEL = thinks("both", ["low", "medium", "high", "max"], "high");

const MODELS: Readonly<Record<string, JsonObject>> = {
  "default-high": thinks("both", ["low", "high", "max"], "high"),
  "no-default": thinks("both", ["low", "medium", "high"]),
  "four": thinks("both", ["low", "medium", "high", "max"]),
  "foreign-default": thinks("both", ["low", "high"], "xhigh"),
  "no-efforts": thinks("both"),
  "always": thinks("only", ["low", "high", "max"], "max"),
  "always-without-efforts": thinks("only"),
  "never": thinks("no"),
};

export function conversationCases(): readonly CodeConversation[] {
  const recorded = readVectors().map(({ spec, name }) => ({ ...spec, name }));
  return [...generatedConversations(), ...recorded].map(withModel);
}

export function turnCases(): readonly (CodeConversation & Turns)[] {
  return generatedTurns().map(withModel);
}

export function variableCases(): readonly CodeConversation[] {
  const keeps = ["off", "none", "0", "false", "ALL", "last"].flatMap((keep) =>
    ["default", "off"].map((effort) => ({
      ...conversation(`keep-${keep}-${effort}`, HELLO),
      effort,
      variables: { KIMI_MODEL_THINKING_KEEP: keep },
    }))
  );
  return [...switchCases(), ...keeps].map(withModel);
}

/** Every effort on every kind of model. */
export function modelCases(): readonly CodeConversation[] {
  return Object.entries(MODELS).flatMap(([kind, model]) =>
    ["default", "off", "low", "medium", "high", "max"].map((effort) => ({
      ...conversation(`${kind}-${effort}`, HELLO),
      effort,
      model,
    }))
  );
}

/** A conversation of these messages. */
export function conversation(name: string, ...messages: readonly Message[]): CodeConversation {
  const base = { session: "ses_edge", effort: "high", context: 262_144, tools: [], model: MODEL };
  return { name, ...base, messages };
}

function withModel<Case extends Conversation>(given: Case): Case & CodeConversation {
  return { ...given, model: MODEL };
}
