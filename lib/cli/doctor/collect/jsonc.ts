/**
 * JSON with comments and trailing commas, as opencode reads its configuration.
 *
 * @module
 */

import { type JsonObject, parseObject } from "../../../kimi/util/json.ts";

/** Strings are passed over whole, so that what looks like a comment in them stays. */
const COMMENT = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|\/\/[^\r\n]*|\/\*[\s\S]*?\*\//g;

const TRAILING_COMMA = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|,(?=\s*[}\]])/g;

/**
 * Reads a configuration.
 *
 * @param text Its text.
 * @returns The object in it, or undefined for anything else. Why not is not told: what engines say of
 * it repeats the text, which may hold keys.
 * @example
 * ```ts
 * import { parseJsonc } from "./jsonc.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseJsonc('{ "a": ["//", 1,], /* b *\/ }'), { a: ["//", 1] });
 * ```
 */
export function parseJsonc(text: string): JsonObject | undefined {
  const plain = text
    .replace(COMMENT, (found) => found.startsWith('"') ? found : " ")
    .replace(TRAILING_COMMA, (found) => found.startsWith('"') ? found : "");
  return parseObject(plain);
}
