/** From a conversation to the body that the native package writes (ai/protocols/openai-chat.ts 70385313564). */

import type { Switches } from "../versions.ts";
import { isObject, type Json, object } from "../types.ts";

/** A part of a user's message, or an image that a tool gave. */
export type Part =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly mediaType: string; readonly image: string }
  | { readonly type: "pdf"; readonly filename: string; readonly data: string };

/** A message, as the host holds it. */
export interface Message {
  /** `note` is what the host itself says in the midst of a conversation. */
  readonly role: "user" | "assistant" | "tool" | "note";
  readonly text?: string;
  readonly parts?: readonly Part[];
  readonly think?: string;
  readonly details?: readonly Json[];
  readonly calls?: readonly {
    readonly id: string;
    readonly name: string;
    readonly args: unknown;
  }[];
  readonly id?: string;
  readonly name?: string;
  /** Images of a tool's result. */
  readonly images?: readonly Part[];
}

/** A tool that is offered. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly parameters: Json;
}

/** What a body is made of: the shape hooks have seen it. */
export interface Shape {
  readonly system: readonly string[];
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly maxTokens?: number;
}

/** A model with all that lies over it, as it was resolved. */
export interface Resolved {
  readonly modelID: string;
  readonly compatibility: Json;
  readonly settings: Json;
  readonly headers: Json;
  readonly body: Json;
  /** What the model reads, beside text. */
  readonly input: readonly unknown[];
}

/** The body's text; keys in the order of the source. */
export function nativeBody(
  shape: Shape,
  model: Resolved,
  affinity: string,
  switches: Switches,
): string {
  const { compatibility, settings } = model;
  const tokensKey = String(compatibility.maxTokensField ?? "max_completion_tokens");
  const hadCalls = shape.messages.some(({ calls = [] }) => calls.length > 0);
  const sanitizes = switches.sanitizesSchemas && /kimi/i.test(model.modelID);
  const tools = shape.tools.map(({ name, description, parameters }) => ({
    type: "function",
    function: {
      ...{ name, description, parameters: sanitizes ? sanitized(parameters, true) : parameters },
      strict: false,
    },
  }));
  const { reasoningEffort } = settings;
  return JSON.stringify({
    model: model.modelID,
    messages: messagesOf(shape, model, switches),
    ...(tools.length > 0 || hadCalls ? { tools } : {}),
    stream: true,
    stream_options: { include_usage: true },
    ...(shape.maxTokens === undefined ? {} : { [tokensKey]: shape.maxTokens }),
    store: false,
    ...(compatibility.supportsPromptCacheKey === true ? { prompt_cache_key: affinity } : {}),
    ...(reasoningEffort === undefined ? {} : { reasoning_effort: reasoningEffort }),
    ...model.body,
  });
}

function messagesOf(shape: Shape, model: Resolved, switches: Switches): readonly Json[] {
  const { system, messages } = shape;
  const written: Json[] = [];
  if (system.length > 0) written.push({ role: "system", content: system.join("\n") });
  let images: Part[] = [];
  // Images of tools' results follow in one message of the user, after all results.
  const flush = () => {
    if (images.length > 0) written.push({ role: "user", content: images.map(partOf) });
    images = [];
  };
  for (const message of messages) {
    if (message.role !== "tool") flush();
    if (message.role === "note") appendNote(written, message.text ?? "");
    else if (message.role === "user") written.push(userMessage(message, model.input));
    else if (message.role === "assistant") {
      written.push(...assistantMessage(message, model.compatibility, switches));
    } else {
      written.push({ role: "tool", tool_call_id: message.id, content: message.text ?? "" });
      images.push(...message.images ?? []);
    }
  }
  flush();
  return written;
}

/** A note joins the last message, if that is the user's. */
function appendNote(written: Json[], text: string): void {
  const last = written.at(-1);
  if (last?.role !== "user") return void written.push({ role: "user", content: text });
  const { content } = last;
  const joined = typeof content === "string"
    ? `${content}\n${text}`
    : [...Array.isArray(content) ? content : [], { type: "text", text }];
  written.splice(-1, 1, { ...last, content: joined });
}

function userMessage({ text = "", parts }: Message, input: readonly unknown[]): Json {
  const readable = (parts ?? [{ type: "text", text }]).map((part): Part => {
    const isReadable = part.type === "text" || input.includes(part.type);
    return isReadable ? part : { type: "text", text: `[${part.type} is not supported]` };
  });
  const texts = readable.flatMap((part) => part.type === "text" ? [part.text] : []);
  const content = texts.length === readable.length ? texts.join("\n") : readable.map(partOf);
  return { role: "user", content };
}

function partOf(part: Part): Json {
  if (part.type === "text") return { type: "text", text: part.text };
  if (part.type === "pdf") {
    const { filename, data } = part;
    return { type: "file", file: { filename, file_data: `data:application/pdf;base64,${data}` } };
  }
  return { type: "image_url", image_url: { url: `data:${part.mediaType};base64,${part.image}` } };
}

function assistantMessage(
  { text = "", think, details = [], calls = [] }: Message,
  { reasoningField, requireReasoning }: Json,
  switches: Switches,
): readonly Json[] {
  // An answer of nothing but white space is left out.
  if (text.trim() === "" && think === undefined && calls.length === 0) return [];
  const everywhere = switches.reasoningEverywhere ||
    (reasoningField !== undefined && requireReasoning !== false);
  const reasoning = think ?? (everywhere ? "" : undefined);
  const silent = calls.length > 0 ? null : switches.thoughtContent;
  return [{
    role: "assistant",
    content: text === "" ? silent : text,
    ...(calls.length === 0 ? {} : {
      tool_calls: calls.map(({ id, name, args }) => ({
        id,
        type: "function",
        function: { name, arguments: JSON.stringify(args) },
      })),
    }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(reasoning === undefined
      ? {}
      : { [String(reasoningField ?? "reasoning_content")]: reasoning }),
  }];
}

/**
 * A schema in Moonshot's dialect, as newer releases rewrite it (68314565529, 69162353065): `anyOf` in
 * place of lists of types, an enum with a type, `allOf` unwrapped, tuples as `items`, an object at the
 * root.
 */
export function sanitized(schema: unknown, isRoot = false): unknown {
  if (Array.isArray(schema)) return schema.map((each) => sanitized(each));
  if (!isObject(schema)) return schema;
  const { allOf, prefixItems, type, ...rest } = schema;
  const parts = Array.isArray(allOf) ? allOf.map(object) : [];
  const merged: Json = Object.assign({ ...rest }, ...parts);
  const written = Object.fromEntries(
    Object.entries(merged).map(([key, value]) => [key, sanitizedMember(key, value)]),
  );
  if (Array.isArray(prefixItems)) {
    written.items = { anyOf: prefixItems.map((one) => sanitized(one)) };
  }
  if (isRoot) return { type: "object", ...written };
  if (Array.isArray(type)) return { ...written, anyOf: type.map((one) => ({ type: one })) };
  const kept = type ?? (Array.isArray(written.enum) ? typeof written.enum[0] : undefined);
  return kept === undefined ? written : { type: kept, ...written };
}

function sanitizedMember(key: string, value: unknown): unknown {
  if (["enum", "const", "default", "examples", "required"].includes(key)) return value;
  if (!isObject(value) || !["properties", "$defs", "definitions"].includes(key)) {
    return sanitized(value);
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, sanitized(one)]));
}
