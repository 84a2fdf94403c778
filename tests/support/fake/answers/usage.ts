import { type Json, list } from "../rules/body.ts";

/** Moonshot's numbers; `cached_tokens` is at the top level, not in prompt_tokens_details. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly cached_tokens: number;
}

/** The server's prompt cache, by prompt_cache_key. */
export interface PromptCache {
  /** Returns the tokens that this prompt shares with an earlier one of the same key, and caches it. */
  hit(body: Json): number;
}

const CACHE_BLOCK = 256; // tokens
const REMEMBERED = 16; // opencode asks for a title under the same key as the conversation

/** Counts tokens roughly: four bytes each. */
export function countTokens(text: string): number {
  return Math.ceil(new TextEncoder().encode(text).length / 4);
}

function promptOf(body: Json): readonly string[] {
  return [body.tools ?? [], ...list(body.messages)].map((piece) => JSON.stringify(piece));
}

function sharedTokens(a: readonly string[], b: readonly string[]): number {
  const differs = a.findIndex((piece, index) => piece !== b[index]);
  const shared = differs === -1 ? a : a.slice(0, differs);
  return Math.floor(countTokens(shared.join("")) / CACHE_BLOCK) * CACHE_BLOCK;
}

/** Creates an empty cache. A prompt is its tools, then its messages; a change ends the prefix. */
export function createPromptCache(): PromptCache {
  const prompts = new Map<string, readonly (readonly string[])[]>();
  return {
    hit(body) {
      const key = body.prompt_cache_key;
      if (typeof key !== "string") return 0;
      const prompt = promptOf(body);
      const earlier = prompts.get(key) ?? [];
      prompts.set(key, [prompt, ...earlier].slice(0, REMEMBERED));
      return Math.max(0, ...earlier.map((other) => sharedTokens(prompt, other)));
    },
  };
}

/** The usage of an answer. */
export function usageOf(requestText: string, answer: string, cached: number): Usage {
  const prompt_tokens = countTokens(requestText);
  const completion_tokens = countTokens(answer);
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    cached_tokens: cached,
  };
}
