/** The text of opencode's auth.json: one member for each provider. */

import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { parseObject } from "../../kimi/util/json.ts";
import { type Credential, fromAuthEntry } from "../tokens/credential.ts";

/** All that decides where a member ends. JavaScriptCore (Bun 1.3.4) finds no match if a group is repeated a million times. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g;

/** Finds the value of a member of the outermost object, with the space around it; the text must be valid JSON. */
function memberSpan(text: string, name: string): readonly [number, number] | undefined {
  let [depth, start, key] = [0, 0, ""];
  let span: readonly [number, number] | undefined;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (depth === 1) {
      if (token === ":") start = index + 1;
      else if (token === "," || token === "}") {
        // The last of several members of one name counts, as in JSON.parse.
        if (start > 0 && key === name) span = [start, index];
        start = 0;
      } else if (start === 0) key = JSON.parse(token);
    }
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
  }
  return span;
}

/** Returns what is under an id; undefined if nothing is, or the text is not a JSON object. */
export function readEntry(text: string, id: string): unknown {
  const entries = parseObject(text);
  return entries !== undefined && Object.hasOwn(entries, id) ? entries[id] : undefined;
}

/** Returns our login; undefined if there is none that can be used. */
export function readLogin(text: string | undefined): Credential | undefined {
  return text === undefined ? undefined : fromAuthEntry(readEntry(text, PROVIDER_ID));
}

/** Replaces or adds an entry; every other byte stays as it is. Throws if the text is neither blank nor an object. */
export function replaceEntry(given: string | undefined, id: string, entry: unknown): string {
  const text = given?.trim() ? given : "{\n}\n";
  if (parseObject(text) === undefined) throw new SyntaxError("it does not hold a JSON object");
  const value = JSON.stringify(entry);
  const span = memberSpan(text, id);
  if (span !== undefined) {
    const old = text.slice(...span);
    const start = span[1] - old.trimStart().length;
    return text.slice(0, start) + value + text.slice(span[0] + old.trimEnd().length);
  }
  const before = text.slice(0, text.lastIndexOf("}")).trimEnd();
  const comma = before.endsWith("{") ? "" : ",";
  return `${before}${comma}\n  ${JSON.stringify(id)}: ${value}${text.slice(before.length)}`;
}
