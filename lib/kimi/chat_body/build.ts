/** Converts opencode's chat body to that of a client. */

import type { BodyContext, ChatBody, Conversation } from "../chat/body.ts";
import { repairConversation } from "../chat/conversation_repair.ts";
import type { Thinking } from "../chat/params.ts";
import { isForced, wireChoice } from "../chat/shape/tool_choice.ts";
import type { JsonObject } from "../util/json.ts";
import { isPythonBlank } from "../util/python.ts";
import { measure } from "./conversation.ts";
import type { WireFormat } from "./format.ts";
import { type ConvertedTools, createConvertTools } from "./tool_list.ts";
import { type ConvertTool, createConvertTool } from "./tools.ts";

/** Creates the conversion to a client's bodies. */
export function createChatBody(
  format: WireFormat,
  convertTool: ConvertTool = createConvertTool(format.completeSchema),
): (body: JsonObject, context: BodyContext) => ChatBody {
  const convertTools = createConvertTools(convertTool, format.arrangeTools);
  return (body, context) => build(format, convertTools(body.tools), body, context);
}

function build(
  format: WireFormat,
  tools: ConvertedTools,
  body: JsonObject,
  context: BodyContext,
): ChatBody {
  const { settings, userKeys } = context;
  const notes = new Set(tools.notes);
  const { thinking, reasoning_effort } = format.effortFields(body, context, notes);
  const cacheKey = typeof body.prompt_cache_key === "string" ? body.prompt_cache_key : undefined;
  const conversation = convertMessages(format, body.messages, {
    ...context,
    thinking,
    notes,
    cacheKey,
  });
  const kept = (key: string): unknown => userKeys.includes(key) ? body[key] : undefined;
  const cap = settings.maxCompletionTokens;
  const budget = () =>
    cap === null ? undefined : format.completionTokens({
      ...{ contextLength: context.contextLength, conversation, toolTokens: tools.tokens },
      ...(cap === undefined ? {} : { cap }),
    });
  const isOff = thinking?.type === "disabled";
  const isStream = body.stream === true;
  const fields = {
    ...{ messages: conversation.messages, model: body.model, thinking, reasoning_effort },
    max_completion_tokens: kept("max_completion_tokens") ?? budget(),
    prompt_cache_key: cacheKey,
    stream: isStream,
    stream_options: isStream ? { include_usage: true } : undefined,
    temperature: kept("temperature") ?? settings.temperature,
    tools: tools.sent,
    top_p: kept("top_p") ?? settings.topP,
    response_format: body.response_format,
    tool_choice: wireChoice(body.tool_choice, { isOff, names: tools.wireNames, notes }),
  };
  const sent = inOrder(format.keys, fields, userKeys.map((key) => [key, body[key]]));
  return { body: sent, conversation, toolNames: tools.names, notes: [...notes] };
}

function convertMessages(
  { callIds, messages: form }: WireFormat,
  messages: unknown,
  { thinking, cacheKey = "", answered, judge, notes }: Pick<BodyContext, "answered" | "judge"> & {
    readonly thinking: Thinking | undefined;
    readonly cacheKey: string | undefined;
    readonly notes: Set<string>;
  },
): Conversation {
  const given: readonly unknown[] = Array.isArray(messages) ? messages : [];
  const isThinking = thinking?.type === "enabled";
  const keepsThinking = isThinking && thinking.keep === "all";
  // The service takes for blank what Python does.
  const isBlank = form.isBlank === isPythonBlank
    ? isPythonBlank
    : (text: string) => form.isBlank(text) || isPythonBlank(text);
  const options = { callIds, isBlank, keepsThinking, notes, judge: judge?.(cacheKey) };
  const repaired = repairConversation(given, options);
  return measure(repaired, { form, isThinking, notes, cacheKey, answered });
}

/** Fields in a client's order, and behind them what the user wrote and no field has replaced. */
function inOrder(
  keys: readonly string[],
  fields: JsonObject,
  own: readonly (readonly [string, unknown])[],
): JsonObject {
  const sent: Record<string, unknown> = {};
  const put = (key: string, value: unknown) => {
    if (value !== undefined && value !== null) sent[key] = value;
  };
  for (const key of keys) put(key, fields[key]);
  for (const [key, value] of own) {
    const isFree = key === "tool_choice" && !isForced(value);
    if (isFree || !Object.hasOwn(fields, key)) put(key, value);
  }
  return sent;
}
