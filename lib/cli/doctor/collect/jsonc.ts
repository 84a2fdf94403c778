/** Reads JSON with comments and trailing commas, as opencode reads its configuration. */

import { type JsonObject, parseObject } from "../../../kimi/util/json.ts";

/** Strings are matched whole, so that a `//` or a comma in them stays. */
const COMMENT = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|\/\/[^\r\n]*|\/\*[\s\S]*?\*\//g;

/** A comma behind an opening bracket is matched with it: it is not a trailing comma, but an error. */
const TRAILING_COMMA = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|[[{]\s*,|,(?=\s*[}\]])/g;

/** Returns undefined for anything but an object; an error message could quote keys from the file. */
export function parseJsonc(text: string): JsonObject | undefined {
  const json = text
    .replace(COMMENT, (found) => found.startsWith('"') ? found : " ")
    .replace(TRAILING_COMMA, (found) => found === "," ? "" : found);
  return parseObject(json);
}
