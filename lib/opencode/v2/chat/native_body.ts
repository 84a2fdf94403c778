/**
 * Chat bodies of opencode 2.x in the form of 1.x's SDK, from which a client's body is made. Source: upstream's
 * `packages/ai/src/protocols/openai-chat.ts`. What is in that form already stays the same object.
 */

import { cheapestEffort, type ModelAbilities } from "../../../kimi/chat/efforts.ts";
import { chosenEffort, effortFields, THINKING_EFFORTS } from "../../../kimi/chat/params.ts";
import { isObject, type JsonObject, objectOf, printable } from "../../../kimi/util/json.ts";

/** What a request says beside its body. */
export interface NativeRequest {
  readonly kind: string;
  /** The session; a forked one has its root's. */
  readonly cacheKey: string;
  readonly variant?: string | undefined;
  readonly abilities?: ModelAbilities | undefined;
}

/** Converts a body. */
export function fromNativeBody(body: JsonObject, request: NativeRequest): JsonObject {
  const { messages, thinking: _thinking, reasoning_effort: _effort, ...others } = body;
  return {
    ...others,
    prompt_cache_key: request.cacheKey,
    ...thinkingFields(body, request),
    ...(Array.isArray(messages) ? { messages: messages.map(fromNativeMessage) } : { messages }),
  };
}

/** A title needs no thinking. */
function thinkingFields(body: JsonObject, { kind, variant, abilities }: NativeRequest): JsonObject {
  if (kind === "title") return { ...effortFields(cheapestEffort(abilities)) };
  const effort = chosenEffort(body) ?? THINKING_EFFORTS.find((name) => name === variant);
  if (effort === undefined) return body.thinking === undefined ? {} : { thinking: body.thinking };
  return { ...effortFields(effort, objectOf(body.thinking)) };
}

function fromNativeMessage(message: unknown): unknown {
  if (!isObject(message)) return message;
  const { content } = message;
  if (message.role === "assistant" && message.reasoning_content === "") {
    // 2.x writes it into every answer if the model's thinking has a field.
    const { reasoning_content: _, ...others } = message;
    return others;
  }
  if (!Array.isArray(content) || !content.some(isFile)) return message;
  return { ...message, content: content.map((part) => isFile(part) ? fileNote(part) : part) };
}

function isFile(part: unknown): part is JsonObject {
  return isObject(part) && part.type === "file";
}

/** Kimi refuses parts of a kind that it does not know. */
function fileNote({ file }: JsonObject): JsonObject {
  const name = printable(objectOf(file).filename) || "a file";
  return { type: "text", text: `[${name} was left out: Kimi accepts no files but images]` };
}
