/** Computes `max_completion_tokens` as kimi-cli does. */

/** Left free because estimates are too low at times. Source: kimi-cli `llm.py`, line 48. */
const SAFETY_MARGIN_TOKENS = 1024;

/** The budget if no context length is known. Source: kimi-cli `reserved_context_size`. */
const FALLBACK_COMPLETION_TOKENS = 50_000;

/** Input of {@linkcode completionTokens}, in tokens. */
export interface CompletionInput {
  /** Context length of the model; 0 or less if it is unknown. */
  readonly contextLength: number;
  /** Estimated tokens of the request. */
  readonly inputTokens: number;
  /** The user's cap, if there is one. */
  readonly cap?: number;
}

/**
 * Computes `max_completion_tokens`: the part of the context that the input leaves free, at most the
 * cap and at least 1.
 *
 * @see kimi-cli 1.51.0 `llm.py`: `compute_max_completion_tokens`
 * @example
 * ```ts
 * import { completionTokens } from "@kimi/full/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(completionTokens({ contextLength: 262144, inputTokens: 1000 }), 260120);
 * ```
 */
export function completionTokens({ contextLength, inputTokens, cap }: CompletionInput): number {
  if (contextLength <= 0) return Math.max(1, cap ?? FALLBACK_COMPLETION_TOKENS);
  const input = Math.max(0, inputTokens + SAFETY_MARGIN_TOKENS);
  const free = Math.max(1, contextLength - input);
  return Math.max(1, Math.min(cap ?? contextLength, free));
}
