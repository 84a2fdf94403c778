/** Converts opencode's chat body to kimi-cli's. */

import type { BodyContext, ChatBody } from "../chat/body.ts";
import { repairConversation } from "../chat/conversation_repair.ts";
import { fittingEffort } from "../chat/efforts.ts";
import { chosenEffort, type EffortFields, effortFields } from "../chat/params.ts";
import { toWireName } from "../chat/tool_names.ts";
import { KimiError } from "../errors/kimi_error.ts";
import { isObject, type JsonObject, printable } from "../util/json.ts";
import { measure } from "./conversation.ts";
import { completionTokens } from "./token_budget.ts";
import { convertOnce, MAX_TOOLS } from "./tools.ts";

export type { BodyContext, ChatBody };

/** Keys that have a place of their own, even if the user wrote them. */
const PLACED = new Set([
  "messages",
  "model",
  "max_completion_tokens",
  "prompt_cache_key",
  "reasoning_effort",
  "stream",
  "stream_options",
  "temperature",
  "tools",
  "top_p",
  "thinking",
]);

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
  const { settings } = context;
  const kept = (key: string): unknown => context.userKeys.includes(key) ? body[key] : undefined;
  const notes = new Set<string>();
  const { thinking, reasoning_effort } = pairedFields(body, context, notes);
  const tools = convertTools(body.tools, notes);
  const cacheKey = typeof body.prompt_cache_key === "string" ? body.prompt_cache_key : undefined;
  const isThinking = thinking?.type === "enabled";
  const given: readonly unknown[] = Array.isArray(body.messages) ? body.messages : [];
  const keepsThinking = isThinking && thinking.keep === "all";
  const conversation = measure(repairConversation(given, { keepsThinking, notes }), {
    isThinking,
    cacheKey: cacheKey ?? "",
    answered: context.answered,
    notes,
  });
  const choice = toolChoice(body.tool_choice, thinking?.type === "disabled", notes);

  const sent: Record<string, unknown> = { messages: conversation.messages, model: body.model };
  const put = (key: string, value: unknown) => {
    if (value !== undefined && value !== null) sent[key] = value;
  };
  put("max_completion_tokens", kept("max_completion_tokens") ?? budget(tools.tokens));
  put("prompt_cache_key", cacheKey);
  put("reasoning_effort", reasoning_effort);
  sent.stream = body.stream === true;
  if (sent.stream) sent.stream_options = { include_usage: true };
  put("temperature", kept("temperature") ?? settings.temperature);
  sent.tools = tools.converted;
  put("top_p", kept("top_p") ?? settings.topP);
  put("thinking", thinking);
  put("response_format", body.response_format);
  put("tool_choice", choice);
  for (const key of context.userKeys) {
    if (!PLACED.has(key) && !(key === "tool_choice" && isForced(body[key]))) put(key, body[key]);
  }
  return { body: sent, conversation, toolNames: tools.names, notes: [...notes] };

  function budget(toolTokens: number): number | undefined {
    const cap = settings.maxCompletionTokens;
    if (cap === null) return undefined;
    const inputTokens = Math.max(conversation.tokens + toolTokens, conversation.floor);
    return completionTokens({
      contextLength: context.contextLength,
      inputTokens,
      ...(cap === undefined ? {} : { cap }),
    });
  }
}

function pairedFields(
  body: JsonObject,
  { abilities = {}, canThink, settings }: BodyContext,
  notes: Set<string>,
): EffortFields {
  const chosen = chosenEffort(body);
  const members = isObject(body.thinking) ? body.thinking : {};
  const isOpen = chosen === undefined && body.thinking === undefined;
  const never = abilities.thinking === "no";
  if (never || (isOpen && canThink === false)) {
    if (never && chosen !== undefined && chosen !== "off") {
      notes.add(`the effort "${printable(chosen)}" was left out: ${body.model} does not think`);
    }
    return {};
  }
  const effort = chosen === undefined ? undefined : fittingEffort(chosen, abilities);
  if (effort !== chosen) notes.add(effortNote(body.model, chosen, effort));
  const keep = settings.thinkingKeep === undefined ? {} : { keep: settings.thinkingKeep };
  return effortFields(effort, { ...keep, ...members });
}

function effortNote(model: unknown, chosen?: string, effort?: string): string {
  const why = chosen === "off" ? "always thinks" : "does not have it";
  const what = effort === undefined ? "left out" : `replaced by "${effort}"`;
  return `the effort "${printable(chosen)}" was ${what}: ${model} ${why}`;
}

/** The service accepts a forced tool choice only from a model that does not think. */
function toolChoice(choice: unknown, isOff: boolean, notes: Set<string>): unknown {
  if (!isForced(choice)) return undefined;
  if (!isOff) {
    notes.add("a forced tool choice was dropped: Kimi refuses it while the model thinks");
    return undefined;
  }
  const named = isObject(choice) && isObject(choice.function) ? choice.function : undefined;
  if (typeof named?.name !== "string") return choice;
  return { type: "function", function: { name: toWireName(named.name) } };
}

function isForced(choice: unknown): boolean {
  return choice !== undefined && choice !== null && choice !== "auto" && choice !== "none";
}

/** opencode retries after some numbers in a message; 429 is the smallest of them. */
function tooManyTools(count: number): string {
  const shown = count < 429 ? count : "Over 400";
  return `${shown} tools are active, and Kimi accepts at most ${MAX_TOOLS}: disable some, for ` +
    'instance MCP servers, under "tools" in opencode.json';
}

interface ConvertedTools {
  readonly converted: readonly unknown[];
  readonly tokens: number;
  readonly names: ReadonlyMap<string, string>;
}

function convertTools(tools: unknown, notes: Set<string>): ConvertedTools {
  const given: readonly unknown[] = Array.isArray(tools) ? tools : [];
  if (given.length > MAX_TOOLS) {
    throw new KimiError("invalid_request", tooManyTools(given.length));
  }
  let tokens = 0;
  const names = new Map<string, string>();
  const seen = new Set<unknown>();
  const converted: unknown[] = [];
  for (const tool of given) {
    const name = isObject(tool) && isObject(tool.function) ? tool.function.name : undefined;
    if (name !== undefined && seen.has(name)) {
      notes.add("the second of two tools of one name was left out");
      continue;
    }
    seen.add(name);
    const result = convertOnce(tool);
    if (result.wireName !== undefined) names.set(result.wireName, String(name));
    tokens += result.tokens;
    converted.push(result.tool);
  }
  return { converted, tokens, names };
}
