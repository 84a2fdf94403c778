/**
 * The account's models as doctor shows them.
 *
 * @module
 */

import { finite, isObject, printable, text } from "../protocol/reader.ts";

/** A model of the account. */
export interface AccountModel {
  /** What a request names. */
  readonly id: string;
  /** What a person reads. */
  readonly name: string;
  /** Context length in tokens, or 0. */
  readonly context: number;
  /** Efforts that may be chosen, in the service's order. */
  readonly efforts: readonly string[];
  /** `only`, `no` or `both`, in the service's words; empty where it says nothing. */
  readonly thinking: string;
  /** The protocol it speaks, where that is not the one of kimi-cli's requests. */
  readonly protocol?: string;
  /** Whether the plugin leaves it out for that. */
  readonly isLeftOut: boolean;
}

/** Longest list that is shown. */
const MAX_MODELS = 50;

/**
 * Reads the service's list.
 *
 * @param entries Entries of the answer of `GET /models`.
 * @returns The models with a usable id.
 */
export function accountModels(entries: readonly unknown[]): readonly AccountModel[] {
  return entries.slice(0, MAX_MODELS).flatMap((entry) => {
    const id = isObject(entry) ? printable(entry.id) : "";
    if (!isObject(entry) || id === "") return [];
    const efforts = isObject(entry.think_efforts) ? entry.think_efforts.valid_efforts : undefined;
    const protocol = text(entry.protocol);
    return [{
      id,
      name: printable(entry.display_name) || id,
      context: Math.max(0, Math.floor(finite(entry.context_length) ?? 0)),
      efforts: Array.isArray(efforts) ? efforts.map(printable).filter((name) => name !== "") : [],
      thinking: printable(entry.supports_thinking_type),
      ...(protocol === undefined ? {} : { protocol: printable(protocol) }),
      isLeftOut: protocol !== undefined && !/^openai/i.test(protocol),
    }];
  });
}
