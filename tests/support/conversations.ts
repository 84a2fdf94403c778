/** Conversations as opencode holds them, sent through its real SDK. */

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { PROVIDER_ID } from "../../lib/kimi/identity/constants.ts";

type Model = ReturnType<ReturnType<typeof createOpenAICompatible>>;
type CallOptions = Parameters<Model["doStream"]>[0];
type Prompt = CallOptions["prompt"];
type Tools = NonNullable<CallOptions["tools"]>;

/** A conversation of the vectors. */
export interface Spec {
  readonly system?: string;
  readonly session: string;
  readonly effort: string;
  readonly context: number;
  readonly tools: readonly {
    readonly name: string;
    readonly description: string;
    readonly parameters: Record<string, unknown>;
  }[];
  readonly messages: readonly Message[];
}

interface Call {
  readonly id: string;
  readonly name: string;
  readonly args: unknown;
  /** The text that the model wrote for them, if opencode has kept it. */
  readonly spelled?: string;
}

type Part = { readonly type: "text"; readonly text: string } | {
  readonly type: "image";
  readonly mediaType: string;
  readonly image: string;
};

/** A message of a {@linkcode Spec}. */
export interface Message {
  readonly role: "user" | "assistant" | "tool";
  readonly text?: string;
  readonly parts?: readonly Part[];
  readonly think?: string;
  readonly calls?: readonly Call[];
  readonly id?: string;
  readonly name?: string;
}

/** @returns The conversation in the words of the AI SDK. */
export function promptOf(spec: Pick<Spec, "system" | "messages">): Prompt {
  const prompt: Prompt = spec.system ? [{ role: "system", content: spec.system }] : [];
  for (const message of spec.messages) prompt.push(messageOf(message));
  return prompt;
}

function messageOf(message: Message): Prompt[number] {
  const { text = "" } = message;
  if (message.role === "user") {
    const parts = message.parts ?? [{ type: "text", text }];
    return {
      role: "user",
      content: parts.map((part) =>
        part.type === "text"
          ? { type: "text", text: part.text }
          : { type: "file", mediaType: part.mediaType, data: part.image }
      ),
    };
  }
  if (message.role === "tool") {
    return {
      role: "tool",
      content: [{
        type: "tool-result",
        toolCallId: message.id ?? "",
        toolName: message.name ?? "",
        output: { type: "text", value: text },
      }],
    };
  }
  return {
    role: "assistant",
    content: [
      ...(message.think === undefined ? [] : [{ type: "reasoning" as const, text: message.think }]),
      ...(text === "" ? [] : [{ type: "text" as const, text }]),
      ...(message.calls ?? []).map(({ id, name, args }) => ({
        type: "tool-call" as const,
        toolCallId: id,
        toolName: name,
        input: args,
      })),
    ],
  };
}

/** @returns The tools in the words of the AI SDK. */
export function toolsOf(spec: Pick<Spec, "tools">): Tools {
  return spec.tools.map(({ name, description, parameters }) => ({
    type: "function",
    name,
    description,
    inputSchema: parameters,
  }));
}

/** What opencode's SDK is made with. */
export interface SdkOptions {
  readonly baseURL: string;
  readonly fetch: typeof fetch;
  readonly transformRequestBody: (body: Record<string, unknown>) => Record<string, unknown>;
}

/** @returns The model as opencode makes it. */
export function sdkModel(options: SdkOptions, id = "kimi-for-coding"): Model {
  return createOpenAICompatible({ name: PROVIDER_ID, includeUsage: true, ...options })(id);
}

/** The end of an answer's event stream. */
export const ANSWER_END =
  'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
