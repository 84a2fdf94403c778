/**
 * The text of opencode's auth.json: one member for each provider.
 *
 * @module
 */

import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { type JsonObject, parseObject } from "../../kimi/util/json.ts";
import { type Credential, fromAuthEntry } from "../tokens/credential.ts";

/**
 * Names of members, strings, brackets: all that decides where a member of a JSON object ends. JavaScriptCore
 * (Bun 1.3.4) finds no match, and says nothing, where a group is repeated some million times.
 */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Finds the value of a member of the outermost object. The text must be valid JSON. */
function memberSpan(text: string, name: string): Span | undefined {
  let depth = 0;
  let key: string | undefined;
  let start = -1;
  let span: Span | undefined;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const endsMember = depth === 1 && (token === "," || token === "}");
    if (endsMember && start !== -1) {
      // The last of several members of one name counts, as in JSON.parse.
      if (key === name) span = { start, end: index };
      key = undefined;
      start = -1;
    }
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && token === ":") start = index + 1;
    else if (depth === 1 && token.startsWith('"') && start === -1) key = JSON.parse(token);
  }
  return span;
}

/**
 * Reads an entry.
 *
 * @param text Text of auth.json.
 * @param id Id of a provider.
 * @returns What stands under it, or undefined; also where the text is no JSON object.
 */
export function readEntry(text: string, id: string): unknown {
  const entries: JsonObject | undefined = parseObject(text);
  return entries !== undefined && Object.hasOwn(entries, id) ? entries[id] : undefined;
}

/**
 * Reads our login.
 *
 * @param text Text of auth.json; undefined for a file that is not there.
 * @returns The login, or undefined where there is none that can be used.
 * @example
 * ```ts
 * import { readLogin } from "./edit.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readLogin(undefined), undefined);
 * assertEquals(readLogin("{}"), undefined);
 * ```
 */
export function readLogin(text: string | undefined): Credential | undefined {
  return text === undefined ? undefined : fromAuthEntry(readEntry(text, PROVIDER_ID));
}

/**
 * Replaces or adds an entry. Every other byte stays as it is.
 *
 * @param text Text of auth.json; undefined or blank for a file that is not there.
 * @param id Id of a provider.
 * @param entry The entry.
 * @returns The new text.
 * @throws {SyntaxError} Where the text is no JSON object: it is not ours to overwrite.
 * @example
 * ```ts
 * import { replaceEntry } from "./edit.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const entry = { type: "oauth", access: "a", refresh: "r", expires: 1 } as const;
 * assertEquals(
 *   replaceEntry('{ "x": {"type":"api"} }', "kimi", entry),
 *   '{ "x": {"type":"api"},\n  "kimi": {"type":"oauth","access":"a","refresh":"r","expires":1} }',
 * );
 * ```
 */
export function replaceEntry(text: string | undefined, id: string, entry: unknown): string {
  const value = JSON.stringify(entry);
  if (text === undefined || text.trim() === "") {
    return `${JSON.stringify({ [id]: entry }, null, 2)}\n`;
  }
  const entries = parseObject(text);
  if (entries === undefined) throw new SyntaxError("it does not hold a JSON object");
  const span = memberSpan(text, id);
  if (span !== undefined) {
    const old = text.slice(span.start, span.end);
    const space = /^\s*/.exec(old)?.[0] ?? "";
    const tail = /\s*$/.exec(old)?.[0] ?? "";
    return `${text.slice(0, span.start)}${space}${value}${tail}${text.slice(span.end)}`;
  }
  const end = text.lastIndexOf("}");
  const before = text.slice(0, end).trimEnd();
  const comma = before.endsWith("{") ? "" : ",";
  return `${before}${comma}\n  ${JSON.stringify(id)}: ${value}${text.slice(before.length)}`;
}
