/**
 * The service's list of models.
 *
 * @module
 */

import { finite, isObject, type JsonObject, printable, text } from "./reader.ts";

/** A model of the account. */
export interface Model {
  /** What a request names. */
  readonly id: string;
  /** What a person reads. */
  readonly name: string;
  /** Context length in tokens; 0 where the service gives none that can be used. */
  readonly contextLength: number;
}

/**
 * Reads the answer of `GET /models`.
 *
 * @param json The parsed answer.
 * @returns The models with a usable id, in the service's order.
 * @example
 * ```ts
 * import { readModels } from "@kimi/full";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readModels({ data: [{ id: "k3", context_length: 1048576 }] }), [
 *   { id: "k3", name: "k3", contextLength: 1048576 },
 * ]);
 * ```
 */
export function readModels(json: JsonObject | undefined): readonly Model[] {
  if (!Array.isArray(json?.data)) return [];
  return json.data.flatMap((entry: unknown) => {
    if (!isObject(entry)) return [];
    const id = text(entry.id);
    if (id === undefined) return [];
    const length = finite(entry.context_length) ?? 0;
    const name = printable(entry.display_name) || printable(id);
    return [{ id, name, contextLength: length > 0 ? Math.floor(length) : 0 }];
  });
}
