/**
 * Repairs messages that the service would refuse, for every client alike. A conversation that holds one
 * would be refused with each later question.
 */

import { isObject, type JsonObject } from "../util/json.ts";
import { type CallIdForm, type CallIds, createCallIds } from "./call_ids.ts";
import { isArguments, type JudgeArguments } from "./shape/call_arguments.ts";
import { shapeMessage } from "./shape/message_shape.ts";
import { toWireName } from "./tool_names.ts";

/** How to repair. */
export interface RepairOptions {
  readonly callIds: CallIdForm;
  /** Whether the client or the service takes a text for blank. */
  readonly isBlank: (text: string) => boolean;
  /** Whether earlier thinking is sent back: then every assistant message must hold some. */
  readonly keepsThinking: boolean;
  /** A line for each thing that was left out or made up; added to. */
  readonly notes: Set<string>;
  /** Whether arguments are a JSON object; asked about each call once, in their order. */
  readonly judge?: JudgeArguments | undefined;
}

/** What kimi-cli writes for the results of tools. Source: kimi-cli 1.51.0 `soul/message.py`. */
const EMPTY_RESULT = "<system>Tool output is empty.</system>";
const MEDIA_RESULT = "<system>Tool returned non-text content.</system>";
const NO_RESULT = "<system>ERROR: The tool call was interrupted.</system>";

/**
 * Repairs a conversation: blank messages, blank results, ids, arguments and names of tool calls, calls
 * without answers and answers without calls.
 *
 * @param messages Messages of an OpenAI-shaped request.
 * @returns The messages to convert; those that need no repair are the same objects. What comes of a
 * message depends on itself and on those before it, so that appended messages change none.
 */
export function repairConversation(
  messages: readonly unknown[],
  options: RepairOptions,
): readonly JsonObject[] {
  const ids = createCallIds(options.callIds);
  const repaired: JsonObject[] = [];
  for (let index = 0; index < messages.length; index++) {
    const message = shapeMessage(messages[index], options.notes);
    const role = message?.role;
    if (role !== "tool") addMissingResults(repaired, ids, options);
    if (message === undefined) continue;
    const kept = role === "tool"
      ? repairResult(message, ids, options, { messages, index })
      : role === "assistant"
      ? repairAssistant(message, ids, options)
      : isEmpty(message.content)
      ? undefined
      : message;
    if (kept !== undefined) repaired.push(kept);
  }
  addMissingResults(repaired, ids, options);
  return repaired;
}

function addMissingResults(repaired: JsonObject[], ids: CallIds, { notes }: RepairOptions): void {
  for (const id of ids.unanswered()) {
    repaired.push({ role: "tool", content: NO_RESULT, tool_call_id: id });
    notes.add("a tool call without a result got one that says so");
  }
}

function repairAssistant(
  message: JsonObject,
  ids: CallIds,
  { isBlank, keepsThinking, notes, judge }: RepairOptions,
): JsonObject | undefined {
  const given: readonly unknown[] = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  if (given.length === 0 && !isBlankContent(message.content, isBlank)) {
    if (!keepsThinking || typeof message.reasoning_content === "string") return message;
    return { ...message, reasoning_content: "" };
  }
  const repaired: JsonObject[] = [];
  let isSame = true;
  for (const call of given) {
    const kept = isCall(call) ? repairCall(call, ids, judge) : undefined;
    if (kept === undefined) notes.add("what is not a tool call was left out");
    else repaired.push(kept);
    isSame &&= kept === call;
  }
  if (repaired.length === 0 && isBlankContent(message.content, isBlank)) return undefined;
  const needsThinking = keepsThinking && typeof message.reasoning_content !== "string";
  if (isSame && !needsThinking) return message;
  return {
    ...message,
    ...(isSame ? {} : { tool_calls: repaired }),
    ...(needsThinking ? { reasoning_content: "" } : {}),
  };
}

interface Call extends JsonObject {
  readonly function: JsonObject;
}

function isCall(call: unknown): call is Call {
  return isObject(call) && isObject(call.function);
}

function repairCall(call: Call, ids: CallIds, judge: JudgeArguments = isArguments): JsonObject {
  const { name, arguments: args } = call.function;
  const id = ids.call(typeof call.id === "string" ? call.id : "");
  const wireName = toWireName(typeof name === "string" ? name : "");
  const wireArguments = judge(args) ? args : "{}";
  const isKnown = call.type === undefined || call.type === "builtin_function";
  const type = isKnown ? call.type : "function";
  const isSame = id === call.id && wireName === name && wireArguments === args &&
    type === call.type;
  if (isSame) return call;
  const repaired = { ...call.function, name: wireName, arguments: wireArguments };
  return { ...call, type, id, function: repaired };
}

function repairResult(
  message: JsonObject,
  ids: CallIds,
  { isBlank, notes }: RepairOptions,
  { messages, index }: { readonly messages: readonly unknown[]; readonly index: number },
): JsonObject | undefined {
  const given = typeof message.tool_call_id === "string" ? message.tool_call_id : "";
  const id = ids.answer(given);
  if (id === undefined) {
    notes.add("a tool result without its call was left out");
    return undefined;
  }
  const { content } = message;
  if (isBlankContent(content, isBlank)) {
    const text = isMediaNext(messages, index) ? MEDIA_RESULT : EMPTY_RESULT;
    return { ...message, content: text, tool_call_id: id };
  }
  if (
    Array.isArray(content) && content.every((part) => !isText(part) || isBlankPart(part, isBlank))
  ) {
    const media = content.filter((part) => !isText(part));
    const text = { type: "text", text: MEDIA_RESULT };
    return { ...message, content: [text, ...media], tool_call_id: id };
  }
  return id === message.tool_call_id ? message : { ...message, tool_call_id: id };
}

/** opencode sends the images of tool results in a user message behind them. */
function isMediaNext(messages: readonly unknown[], index: number): boolean {
  const next = messages.slice(index + 1).find((message) =>
    !isObject(message) || message.role !== "tool"
  );
  if (!isObject(next) || next.role !== "user" || !Array.isArray(next.content)) return false;
  const [first] = next.content;
  return isText(first) && /^Attached (?:image|media)/.test(String(first.text)) &&
    next.content.some((part) => !isText(part));
}

function isText(part: unknown): part is JsonObject {
  return isObject(part) && part.type === "text";
}

type IsBlank = RepairOptions["isBlank"];

function isBlankPart(part: unknown, isBlank: IsBlank): boolean {
  return isText(part) && (typeof part.text !== "string" || isBlank(part.text));
}

/** Whether content holds nothing but white space. */
function isBlankContent(content: unknown, isBlank: IsBlank): boolean {
  if (content === undefined || content === null) return true;
  if (typeof content === "string") return isBlank(content);
  return Array.isArray(content) && content.every((part) => isBlankPart(part, isBlank));
}

/** Whether content holds nothing at all. */
function isEmpty(content: unknown): boolean {
  if (content === undefined || content === null || content === "") return true;
  return Array.isArray(content) && content.every((part) => isText(part) && part.text === "");
}
