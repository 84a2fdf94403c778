/**
 * The plan's models, and what is known of them until the service has been asked.
 *
 * @see https://www.kimi.com/code/docs/en/kimi-code/models.html
 * @see https://models.dev, `kimi-code-plan-cn` and `kimi-code-plan-global`
 * @module
 */

import { MODEL_ID } from "../identity/constants.ts";
import type { ModelAbilities, ThinkingType } from "../chat/efforts.ts";
import { THINKING_EFFORTS } from "../chat/params.ts";

/** A model of the account. */
export interface Model extends ModelAbilities {
  /** What a request names. */
  readonly id: string;
  /** What a person reads. */
  readonly name: string;
  /** Context length in tokens; 0 where the service gives none that can be used. */
  readonly contextLength: number;
  /** Longest answer to plan for, in tokens; the service does not tell it. */
  readonly output: number;
  /** Whether it takes images. */
  readonly images: boolean;
  /** Whether it takes videos. */
  readonly video: boolean;
  /** Whether it calls tools. */
  readonly tools: boolean;
  /** Whether it thinks. */
  readonly thinking: ThinkingType;
  /** The protocol in which alone it is spoken to, such as `anthropic`; absent for that of this library. */
  readonly protocol?: string;
}

/** Context length of a model of which nothing is known, in tokens. */
export const COLD_CONTEXT = 262_144;

/**
 * The models that are known without asking, `kimi-for-coding` first. An account need not have them all.
 *
 * @example
 * ```ts
 * import { KNOWN_MODELS } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(KNOWN_MODELS.map(({ id }) => id), [
 *   "kimi-for-coding",
 *   "kimi-for-coding-highspeed",
 *   "k3",
 *   "k3-256k",
 * ]);
 * ```
 */
export const KNOWN_MODELS: readonly Model[] = [
  // A million tokens of context are not for every account; the service tells.
  known(MODEL_ID, "Kimi For Coding", { efforts: THINKING_EFFORTS.slice(1) }),
  known("kimi-for-coding-highspeed", "Kimi For Coding HighSpeed", {
    thinking: "only",
    efforts: [],
  }),
  known("k3", "Kimi K3", { contextLength: 1_048_576 }),
  known("k3-256k", "Kimi K3-256K", { thinking: "only", video: false }),
];

function known(id: string, name: string, differences: Partial<Model>): Model {
  return {
    id,
    name,
    contextLength: COLD_CONTEXT,
    output: outputOf(id),
    images: true,
    video: true,
    tools: true,
    thinking: "both",
    efforts: ["low", "high", "max"],
    ...differences,
  };
}

/**
 * The longest answer to plan for.
 *
 * @param id What a request names.
 * @returns Tokens.
 */
export function outputOf(id: string): number {
  return /^k3\b/.test(id) ? 131_072 : 32_768;
}
