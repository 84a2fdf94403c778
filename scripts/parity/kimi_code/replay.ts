/** kimi-code's recorded chats, given to the plugin as opencode holds them. */

import { isObject, type JsonObject, parseObject } from "../../../lib/kimi/util/json.ts";
import { defaultSettings } from "../../../tests/support/fake/answers/defaults.ts";
import type { Chat } from "../../../tests/support/opencode/wire.ts";
import { openPlugin } from "../../../tests/support/plugin.ts";
import type { Pair } from "../run.ts";
import { MCP_TOOLS, type Session } from "./sessions.ts";

/** kimi-code's bodies, and the plugin's; a body that was refused with 401 must be the next one's. */
export async function sessionPairs(session: Session): Promise<readonly Pair[]> {
  const { name, effort, variables, chats } = session;
  const [model = {}] = defaultSettings().models;
  const context = Number(model.context_length);
  const plugin = await openPlugin({ client: "kimi-code", context, variables, model });
  const rawIds = chats.flatMap(({ answer }) => idsOf(answer));
  const pairs: Pair[] = [];
  let refused: Chat | undefined;
  for (const [index, chat] of chats.entries()) {
    if (chat.status === 401) {
      refused = chat;
      continue;
    }
    const { messages, tools, prompt_cache_key } = parseObject(chat.body) ?? {};
    const ours = await plugin.ask({
      session: String(prompt_cache_key),
      effort,
      tools: [],
      messages: [],
      given: { messages: withIds(objectsOf(messages), rawIds), tools: unsorted(objectsOf(tools)) },
      ...(chat.status === 200 && { answer: chat.answer }),
    });
    if (refused !== undefined) {
      pairs.push({ name: `${name}: before the refresh`, theirs: refused.body, ours });
    }
    refused = undefined;
    pairs.push({ name: `${name}: request ${index + 1}`, theirs: chat.body, ours });
  }
  return pairs;
}

/** The ids of the calls of an answer, as the service wrote them. */
function idsOf(answer: string): readonly string[] {
  return [...answer.matchAll(/"tool_calls":\[\{"index":\d+,"id":"([^"]*)"/g)]
    .map(([, id]) => id ?? "");
}

/** The messages with the service's own ids: opencode keeps those. */
function withIds(
  messages: readonly JsonObject[],
  rawIds: readonly string[],
): readonly JsonObject[] {
  const raw = new Map<unknown, string | undefined>();
  return messages.map((message) => {
    const { tool_calls: calls, tool_call_id: id } = message;
    if (raw.has(id)) return { ...message, tool_call_id: raw.get(id) };
    if (calls === undefined) return message;
    const tool_calls = objectsOf(calls).map((call) => {
      raw.set(call.id, rawIds[raw.size]);
      return { ...call, id: raw.get(call.id) };
    });
    return { ...message, tool_calls };
  });
}

/** The tools in another order, those of the MCP server with its own schemas. */
function unsorted(tools: readonly JsonObject[]): readonly JsonObject[] {
  return tools.map((tool) => {
    const known = isObject(tool.function) ? tool.function : {};
    const own = MCP_TOOLS.find(({ name }) => known.name === `mcp__parity__${name}`);
    return own ? { ...tool, function: { ...known, parameters: own.inputSchema } } : tool;
  }).toReversed();
}

function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
