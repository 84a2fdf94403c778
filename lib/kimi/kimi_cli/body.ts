/** Converts opencode's chat body to kimi-cli's. */

import type { BodyContext, ChatBody } from "../chat/body.ts";
import { shortCallId } from "../chat/call_ids.ts";
import { createChatBody } from "../chat_body/build.ts";
import type { WireFormat } from "../chat_body/format.ts";
import { type ConvertedTool, createConvertTool } from "../chat_body/tools.ts";
import type { JsonObject } from "../util/json.ts";
import { isPythonBlank } from "../util/python.ts";
import { pairedFields } from "./thinking.ts";
import { spelledMessages } from "./spelling.ts";
import { completionTokens } from "./token_budget.ts";
import { completeToolSchema } from "./tool_schema.ts";

/** @see kosong 0.56.0 `chat_provider/kimi.py`: `Kimi.generate`, `_convert_message` */
export const KIMI_CLI: WireFormat = {
  keys: [
    ...["messages", "model", "max_completion_tokens", "prompt_cache_key", "reasoning_effort"],
    ...["stream", "stream_options", "temperature", "tools", "top_p", "thinking"],
    ...["response_format", "tool_choice"],
  ],
  effortFields: pairedFields,
  callIds: (id, use) => shortCallId(use === 1 ? id : `${id}_${use}`),
  messages: {
    isBlank: isPythonBlank,
    dropsBlank: false,
    media: (url, id) => ({ url, id: id ?? null }),
    toolCall: (type, id, called) => ({ type, id, function: called }),
    toolResult: (content, id) => ({ role: "tool", content, tool_call_id: id }),
  },
  completeSchema: completeToolSchema,
  arrangeTools: (tools) => tools,
  completionTokens: ({ contextLength, cap, conversation: { tokens, floor }, toolTokens }) =>
    completionTokens({
      ...{ contextLength, inputTokens: Math.max(tokens + toolTokens, floor) },
      ...(cap === undefined ? {} : { cap }),
    }),
};

const convertOnce = createConvertTool(KIMI_CLI.completeSchema);
const convertBody = createChatBody(KIMI_CLI, convertOnce);

/**
 * Converts an OpenAI-shaped chat body, as opencode's SDK builds it, to the body that kimi-cli sends
 * for the same conversation, with its keys in kimi-cli's order. The input is not written to. Unchanged
 * parts are shared with it, and tools with other bodies: the result is to be serialised, not edited.
 *
 * @throws {KimiError} `invalid_request` if there are more than 128 tools; `too_large` if there are more
 * than 100 MB of images, or 2 MiB of anything else in the messages.
 * @see kosong 0.56.0 `chat_provider/kimi.py`: `Kimi.generate`
 * @example
 * ```ts
 * import { chatBody } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const { body } = chatBody(
 *   { model: "kimi-for-coding", max_tokens: 32000, messages: [{ role: "user", content: "hi" }], stream: true },
 *   { contextLength: 262144, settings: { problems: [] }, userKeys: [], answered: new Map() },
 * );
 * assertEquals(Object.keys(body), [
 *   "messages", "model", "max_completion_tokens", "stream", "stream_options", "tools", "thinking",
 * ]);
 * ```
 */
export function chatBody(body: JsonObject, context: BodyContext): ChatBody {
  const { messages } = body;
  if (!Array.isArray(messages)) return convertBody(body, context);
  const spelled = spelledMessages(messages, context.spelled ?? []);
  return convertBody(spelled === messages ? body : { ...body, messages: spelled }, context);
}

/**
 * Converts a tool of an OpenAI-shaped request to kimi-cli's form and completes its parameters.
 * Members that kimi-cli does not send, such as `strict`, are left out. A tool whose name begins with
 * `$` is one of the service's own: only its name is sent. A tool of an unknown shape is returned as
 * it is.
 *
 * A name or parameters that the service would refuse are written in a form that it accepts.
 *
 * Nothing is shared with the input or with the result of another call.
 *
 * @throws {KimiError} `invalid_request` if nothing makes the service accept the parameters.
 * @see kosong 0.56.0 `chat_provider/kimi.py`: `_convert_tool`
 * @see kimi-cli 1.51.0 `llm.py`: `_estimate_tool_tokens`
 * @example
 * ```ts
 * import { convertTool } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const { tool } = convertTool({ type: "function", function: { name: "ls", description: "List" } });
 * assertEquals(tool, {
 *   type: "function",
 *   function: { name: "ls", description: "List", parameters: { type: "object", properties: {} } },
 * });
 * ```
 */
export function convertTool(tool: unknown): ConvertedTool {
  const converted = convertOnce(tool);
  return { ...converted, tool: converted.tool === tool ? tool : structuredClone(converted.tool) };
}
