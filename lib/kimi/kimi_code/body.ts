/** Converts opencode's chat body to kimi-code's. */

import { createChatBody } from "../chat_body/build.ts";
import type { BudgetInput, WireFormat, WireTool } from "../chat_body/format.ts";
import { thinkingField } from "./thinking.ts";
import { completeToolSchema } from "./tool_schema.ts";

/** The service refuses a longer id. Source: the API's error reference. */
const MAX_ID_LENGTH = 64;

/** The budget if no context length is known. Source: kimi-code 2.1.0 `completion-budget.ts`. */
const FALLBACK_COMPLETION_TOKENS = 32_000;

/** @see kimi-code 2.1.0 `packages/agent-core-v2/src/human/llm`: `prepareOpenAIRequest`, `kimiOpenAITrait` */
export const KIMI_CODE: WireFormat = {
  keys: [
    ...["model", "messages", "tools", "stream", "stream_options", "prompt_cache_key", "thinking"],
    ...["response_format", "max_completion_tokens", "temperature", "top_p", "tool_choice"],
  ],
  effortFields: thinkingField,
  callIds: callId,
  messages: {
    isBlank: (text) => !/\S/.test(text),
    dropsBlank: true,
    media: (url, id = fileId(url)) => id === undefined ? { url } : { url, id },
    toolCall: (type, id, called) => ({ id, type, function: called }),
    toolResult: (content, id) => ({ role: "tool", tool_call_id: id, content }),
  },
  completeSchema: completeToolSchema,
  arrangeTools: (tools) => tools.length === 0 ? undefined : sorted(tools),
  completionTokens,
};

/** Converts opencode's chat body to the body that kimi-code sends for the same conversation. */
export const chatBody = createChatBody(KIMI_CODE);

/** The id of an uploaded file stands beside its URL. */
function fileId(url: string): string | undefined {
  return url.startsWith("ms://") ? url.slice("ms://".length) : undefined;
}

/** `Bash:0` is sent as `Bash_0`, a second call of that id as `Bash_0__2`. */
function callId(id: string, use: number, isRepeat: boolean): string {
  const clean = id.replace(/[^A-Za-z0-9_-]/g, "_") || "tool_call";
  if (use === 1 && clean.length <= MAX_ID_LENGTH) return clean;
  const suffix = use === 1 ? "" : isRepeat ? `__${use}` : `_${use}`;
  return clean.slice(0, MAX_ID_LENGTH - suffix.length) + suffix;
}

/** The context less what the service counted for the last answer, at most the cap. */
function completionTokens({ contextLength, cap, conversation }: BudgetInput): number {
  const most = cap ?? (contextLength > 0 ? contextLength : FALLBACK_COMPLETION_TOKENS);
  const free = contextLength > 0 ? contextLength - conversation.counted : most;
  return Math.max(1, Math.min(most, free));
}

/**
 * The order of `localeCompare` in English for names of tools, written out: loading a collation takes
 * milliseconds, and in other languages the order would be another one.
 */
function sorted(tools: readonly WireTool[]): readonly WireTool[] {
  const keyed = tools.map((tool) => ({ key: sortKey(tool.name), name: tool.name, tool }));
  keyed.sort((a, b) => {
    if (a.key !== b.key) return a.key < b.key ? -1 : 1;
    // Small letters come before capitals.
    return a.name > b.name ? -1 : 1;
  });
  return keyed.map(({ tool }) => tool);
}

function sortKey(name: string): string {
  return name.toLowerCase().replace(/[_$-]/g, (mark) => MARKS[mark] ?? mark);
}

/** Characters before the digits, in the order in which their marks are sorted. */
const MARKS: Readonly<Record<string, string>> = { _: "!", "-": '"', $: "#" };
