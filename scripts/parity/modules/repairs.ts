/**
 * Conversations in which we deviate on purpose. Nothing else differs: for the conversation as we repair
 * it, kimi-cli sends the same bytes.
 */
import { shortCallId } from "../../../lib/kimi/chat/call_ids.ts";
import type { Message, Spec } from "../../../tests/support/conversations.ts";
import type { Pair } from "../run.ts";
import type { DeviationId } from "../../../lib/kimi/deviations.ts";
import { openPlugin, type Question } from "../../../tests/support/plugin.ts";

export interface Repair {
  readonly deviation: DeviationId;
  /** For the list of deviations. */
  readonly seen: string;
  /** The plugin's conversation. */
  readonly given: Conversation & Pick<Question, "agent" | "toolChoice">;
  /** kimi-cli's conversation. */
  readonly repaired: Conversation;
  /** Rewrites kimi-cli's bytes if no conversation has this effect. */
  readonly respelled?: (theirs: string) => string;
}

interface Conversation extends Spec {
  readonly variables?: Readonly<Record<string, string>>;
}

const HELLO: Message = { role: "user", text: "hello" };
const LONG_ID = "call_of_another_model_".repeat(4);

/** One conversation for each deviation of a body. */
export function repairs(): readonly Repair[] {
  return [
    {
      deviation: "reasoning",
      seen: "a call without reasoning, as one with empty reasoning",
      given: conversation(...called("bash:0", {})),
      repaired: conversation(...called("bash:0", { think: "" })),
    },
    {
      deviation: "empty",
      seen: "an empty assistant message and an empty text part, as none",
      given: conversation(HELLO, { role: "assistant" }, withImage(""), withImage("see", "")),
      repaired: conversation(HELLO, withImage(), withImage("see")),
    },
    {
      deviation: "call-ids",
      seen: `an id of ${LONG_ID.length} characters, as one of 64`,
      given: conversation(...called(LONG_ID, { think: "look" })),
      repaired: conversation(...called(shortCallId(LONG_ID), { think: "look" })),
    },
    {
      deviation: "surrogates",
      seen: "a lone surrogate, as U+FFFD",
      given: conversation({ role: "user", text: "half \ud83d of it" }),
      repaired: conversation({ role: "user", text: "half \ufffd of it" }),
    },
    {
      deviation: "tool-choice",
      seen: "a request with a required tool, as one without",
      given: { ...withTool(), toolChoice: "required" },
      repaired: withTool(),
    },
    {
      deviation: "title",
      seen: "a title, as a question at effort off",
      given: { ...conversation(HELLO), agent: "title" },
      repaired: { ...conversation(HELLO), effort: "off" },
    },
    {
      deviation: "numbers",
      seen: 'KIMI_MODEL_TEMPERATURE=1, "temperature":1.0 as "temperature":1',
      given: { ...conversation(HELLO), variables: { KIMI_MODEL_TEMPERATURE: "1" } },
      repaired: { ...conversation(HELLO), variables: { KIMI_MODEL_TEMPERATURE: "1" } },
      respelled: (theirs) => theirs.replace('"temperature":1.0,', '"temperature":1,'),
    },
  ];
}

export async function repairedPair(
  { deviation, given, respelled }: Repair,
  theirs: string,
): Promise<Pair> {
  const plugin = await openPlugin(given);
  const spelled = respelled === undefined ? theirs : respelled(theirs);
  return { name: deviation, theirs: spelled, ours: await plugin.ask(given) };
}

function conversation(...messages: Message[]): Conversation {
  return { session: "ses_repair", effort: "default", context: 262_144, tools: [], messages };
}

function withTool(): Conversation {
  const parameters = { type: "object", properties: {} };
  return { ...conversation(HELLO), tools: [{ name: "ls", description: "List", parameters }] };
}

function withImage(...texts: string[]): Message {
  const image = { type: "image" as const, mediaType: "image/png", image: "iVBORw0KGgo=" };
  return {
    role: "user",
    parts: [...texts.map((text) => ({ type: "text" as const, text })), image],
  };
}

function called(id: string, thought: { think?: string }): Message[] {
  const calls = [{ id, name: "bash", args: { command: "ls" } }];
  return [
    HELLO,
    { role: "assistant", ...thought, calls },
    { role: "tool", id, name: "bash", text: "a b" },
  ];
}
