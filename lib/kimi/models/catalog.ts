/** The plan's models, as known before the service is asked. */

import { MODEL_ID } from "../identity/constants.ts";
import type { ModelAbilities, ThinkingType } from "../chat/efforts.ts";
import { THINKING_EFFORTS } from "../chat/params.ts";

/** A model of the account. */
export interface Model extends ModelAbilities {
  /** Id that a request sends. */
  readonly id: string;
  /** Name to show. */
  readonly name: string;
  /** Context length in tokens; 0 if the service sends no usable one. */
  readonly contextLength: number;
  /** Longest answer to plan for, in tokens; the service does not send it. */
  readonly output: number;
  /** Whether it accepts images. */
  readonly images: boolean;
  /** Whether it can watch videos. */
  readonly video: boolean;
  /** Whether it can call tools. */
  readonly tools: boolean;
  /** Whether it thinks if asked to, always, or never. */
  readonly thinking: ThinkingType;
  /** The only protocol that it speaks, such as `anthropic`; absent for the one of this library. */
  readonly protocol?: string;
}

/** Context length of an unknown model, in tokens. */
export const COLD_CONTEXT = 262_144;

/**
 * The models that are known without asking, `kimi-for-coding` first. An account may lack some of them.
 *
 * @see https://www.kimi.com/code/docs/en/kimi-code/models.html
 * @see https://models.dev, `kimi-code-plan-cn` and `kimi-code-plan-global`
 */
export const KNOWN_MODELS: readonly Model[] = [
  // Only some accounts have a million tokens of context; the service reports it.
  known(MODEL_ID, "Kimi for Coding", { efforts: THINKING_EFFORTS.slice(1) }),
  known("kimi-for-coding-highspeed", "Kimi for Coding HighSpeed", {
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

/** Returns the longest answer to plan for, in tokens. */
export function outputOf(id: string): number {
  return /^k3\b/.test(id) ? 131_072 : 32_768;
}
