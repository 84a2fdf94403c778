/** Converts opencode's chat body to kimi-cli's. */

import type { BodyContext, ChatBody } from "../chat/body.ts";
import { fittingEffort } from "../chat/efforts.ts";
import { chosenEffort, type EffortFields, effortFields } from "../chat/params.ts";
import { KimiError } from "../errors/kimi_error.ts";
import { isObject, type JsonObject, printable } from "../util/json.ts";
import { measure } from "./conversation.ts";
import { completionTokens } from "./token_budget.ts";
import { convertTool, MAX_TOOLS } from "./tools.ts";

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
 * for the same conversation, with its keys in kimi-cli's order. The input is not written to; unchanged
 * parts are shared with it.
 *
 * @throws {KimiError} `invalid_request` if there are more than 128 tools, or 100 MB of images.
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
  const tools = convertTools(body.tools);
  const cacheKey = typeof body.prompt_cache_key === "string" ? body.prompt_cache_key : undefined;
  const conversation = measure(body.messages, {
    isThinking: thinking?.type === "enabled",
    cacheKey: cacheKey ?? "",
    answered: context.answered,
    notes,
  });
  if (isForced(body.tool_choice)) {
    notes.add("a forced tool choice was dropped: the service refuses it");
  }

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
  for (const key of context.userKeys) {
    if (!PLACED.has(key) && !(key === "tool_choice" && isForced(body[key]))) put(key, body[key]);
  }
  return { body: sent, conversation, notes: [...notes] };

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

function isForced(choice: unknown): boolean {
  return choice !== undefined && choice !== null && choice !== "auto" && choice !== "none";
}

/** opencode retries after some numbers in a message; 429 is the smallest of them. */
function tooManyTools(count: number): string {
  const shown = count < 429 ? count : "Over 400";
  return `${shown} tools are active, and Kimi accepts at most ${MAX_TOOLS}: disable some, for ` +
    'instance MCP servers, under "tools" in opencode.json';
}

function convertTools(tools: unknown): { converted: readonly unknown[]; tokens: number } {
  const given: readonly unknown[] = Array.isArray(tools) ? tools : [];
  if (given.length > MAX_TOOLS) {
    throw new KimiError("invalid_request", tooManyTools(given.length));
  }
  let tokens = 0;
  const converted = given.map((tool) => {
    const result = convertTool(tool);
    tokens += result.tokens;
    return result.tool;
  });
  return { converted, tokens };
}
