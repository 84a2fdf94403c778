/**
 * opencode's chat body as kimi-cli's chat body.
 *
 * @see kosong 0.56.0 `chat_provider/kimi.py`: `Kimi.generate`
 * @module
 */

import { completionTokens } from "./token_budget.ts";
import { type AnsweredConversation, type Conversation, measure } from "./conversation.ts";
import { fittingEffort, type ModelAbilities } from "../chat/efforts.ts";
import { KimiError } from "../errors/kimi_error.ts";
import { chosenEffort, type EffortFields, effortFields } from "../chat/params.ts";
import { isObject, type JsonObject, printable } from "../util/json.ts";
import type { EnvSettings } from "../chat/env_settings.ts";
import { convertTool, MAX_TOOLS } from "./tools.ts";

/** What a body depends on beside opencode's own body. */
export interface BodyContext {
  /** Context length of the model in tokens; 0 or less where it is unknown. */
  readonly contextLength: number;
  /** False for a model that cannot think: nothing is then sent unless the user chose. */
  readonly canThink?: boolean;
  /** What is known of the model's thinking. */
  readonly abilities?: ModelAbilities;
  /** kimi-cli's environment variables. */
  readonly settings: EnvSettings;
  /** Keys that the user wrote in the model's options. */
  readonly userKeys: readonly string[];
  /** The last answers, by {@linkcode Conversation.key}. */
  readonly answered: ReadonlyMap<string, AnsweredConversation>;
}

/** A body to send, and what is remembered of it until its answer says how long it was. */
export interface ChatBody {
  /** To be serialised by `JSON.stringify`. */
  readonly body: JsonObject;
  /** What was measured of its messages. */
  readonly conversation: Conversation;
  /** What a log should say: each thing that was dropped or passed on without being understood. */
  readonly notes: readonly string[];
}

/** Keys that stand in their own place even where the user wrote them. */
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
 * Makes of opencode's body, as its SDK hands it over before it is serialised, the body that kimi-cli
 * sends for the same conversation. The input is not written to.
 *
 * @param body Body of an OpenAI-shaped chat request.
 * @param context What it depends on beside that.
 * @returns The body, in kimi-cli's order of keys.
 * @throws {KimiError} `invalid_request` where there are more than 128 tools, or 100 MB of images.
 * @example
 * ```ts
 * import { chatBody } from "@kimi/full";
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
    thinks: thinking?.type === "enabled",
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
      notes.add(`the effort ${chosen} was left out: ${body.model} does not think`);
    }
    return {};
  }
  const effort = chosen === undefined ? undefined : fittingEffort(chosen, abilities);
  if (effort !== chosen) notes.add(otherEffort(body.model, chosen, effort));
  const keep = settings.thinkingKeep === undefined ? {} : { keep: settings.thinkingKeep };
  return effortFields(effort, { ...keep, ...members });
}

function otherEffort(model: unknown, chosen?: string, effort?: string): string {
  const why = chosen === "off" ? `: ${model} always thinks` : `, which ${model} does not have`;
  const instead = effort === undefined ? "the service's own choice" : `"${effort}"`;
  return `${instead} stands in for the effort "${printable(chosen)}"${why}`;
}

function isForced(choice: unknown): boolean {
  return choice !== undefined && choice !== null && choice !== "auto" && choice !== "none";
}

/** The numbers of some failures make opencode try again: 429 is the first of them. */
function tooManyTools(count: number): string {
  const shown = count < 429 ? count : "Over 400";
  return `${shown} tools are active, and Kimi takes at most ${MAX_TOOLS} tools: switch some off, ` +
    'for instance MCP servers, under "tools" in opencode.json';
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
