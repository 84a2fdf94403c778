/** Requests of one client, repeated by the other with the same texts, tools and session. */

import type { ClientName } from "../../../lib/kimi/identity/constants.ts";
import { isObject, type JsonObject, parseObject } from "../../../lib/kimi/util/json.ts";
import type { Chat } from "../../../tests/support/opencode/wire.ts";
import type { Pair } from "../run.ts";
import { openPlugin } from "../../../tests/support/plugin.ts";
import type { Side } from "./clients.ts";

/** Context length of the fake's model, in tokens. */
const CONTEXT = 262_144;

const NAMES = ["chat", "tool answer", "second turn"];

/** The client's bodies, and the plugin's bodies for their messages and tools. */
export async function pluginReplays(
  client: ClientName,
  { chats }: Side,
): Promise<readonly Pair[]> {
  const plugin = await openPlugin({ client, context: CONTEXT });
  const pairs: Pair[] = [];
  for (const [index, { body, answer }] of chats.entries()) {
    const { messages, tools, prompt_cache_key } = objectOf(body);
    const ours = await plugin.ask({
      session: String(prompt_cache_key),
      effort: "default",
      tools: [],
      messages: [],
      given: { messages, tools },
      answer,
    });
    pairs.push({ name: NAMES[index] ?? "", theirs: body, ours });
  }
  return pairs;
}

/** Conversations of opencode for the job `turns`, and the bodies that opencode sent for them. */
export interface LibraryReplay {
  readonly names: readonly string[];
  readonly given: JsonObject;
  readonly sent: readonly string[];
}

/** Conversations for the client's own code, to compare its bodies with opencode's. */
export function libraryReplays({ chats, titles }: Side): readonly LibraryReplay[] {
  const [first, second, third] = chats;
  const totals = [first, second].map(totalOf);
  return [
    {
      names: NAMES.slice(0, 2),
      given: { ...conversationOf(second.body, "default"), totals },
      sent: [first.body, second.body],
    },
    // A restart forgets the tokens that were counted: deviation `restart`.
    { names: NAMES.slice(2), given: conversationOf(third.body, "default"), sent: [third.body] },
    ...titles.map(({ body }) => ({
      names: ["title"],
      given: conversationOf(body, "off"),
      sent: [body],
    })),
  ];
}

/** The tokens that the fake counted. */
function totalOf({ answer }: Chat): number {
  return Number(/"total_tokens":(\d+)/.exec(answer)?.[1]);
}

function conversationOf(body: string, effort: string): JsonObject {
  const { messages, tools, prompt_cache_key } = objectOf(body);
  const said = objectsOf(messages);
  return {
    system: said.filter(({ role }) => role === "system").map(({ content }) => content).join(),
    session: prompt_cache_key,
    effort,
    context: CONTEXT,
    tools: objectsOf(tools).map((tool) => tool.function),
    messages: said.filter(({ role }) => role !== "system").map(messageOf),
  };
}

function messageOf(message: JsonObject): JsonObject {
  const { role, content, reasoning_content, tool_calls, tool_call_id } = message;
  const calls = tool_calls &&
    objectsOf(tool_calls).map(({ id, function: called }) => ({ id, ...Object(called) }));
  const all = { role, text: content, think: reasoning_content, id: tool_call_id, calls };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function objectOf(json: string): JsonObject {
  return parseObject(json) ?? {};
}

function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
