/** One line of an answer's event stream: what it tells, and what is changed in it. */

import { finite, isObject, type JsonObject, parseObject } from "../util/json.ts";

/** A change in a line. */
export interface Edit {
  /** Index into the line. */
  readonly at: number;
  /** How many characters go. */
  readonly removed: number;
  /** What comes in their place. */
  readonly text: string;
}

/** What a line tells. */
export interface AnswerEvent {
  /** Tokens that the service counted, of request and answer together. */
  readonly total?: number | undefined;
  /** An error in place of an answer. */
  readonly error?: unknown;
  /** Changes, in their order. */
  readonly edits: readonly Edit[];
}

/** The tool calls of one answer. */
export interface AnsweredCalls {
  /** Names of tools in opencode, by their names on the wire, if the two differ. */
  readonly names: ReadonlyMap<string, string>;
  /** Ids of the calls so far, by their index. */
  readonly ids: Map<unknown, string>;
}

/**
 * Reads a line.
 *
 * @param line A line of an event stream, one character for each byte.
 */
export function readAnswerEvent(line: string, calls: AnsweredCalls): AnswerEvent {
  const json = line.startsWith("data:") ? parseObject(line.slice(5)) : undefined;
  if (json === undefined) return { edits: [] };
  if (json.error !== undefined && json.error !== null && !Array.isArray(json.choices)) {
    return { error: json.error, edits: [] };
  }
  const cached = cacheEdits(line, json.usage);
  const called = deltasOf(json);
  const edits = called.length === 0 ? cached : [...callEdits(line, called, calls), ...cached];
  return { total: totalOf(json), edits };
}

/** Gives tools the names that opencode knows, and each call of an answer an id of its own. */
function callEdits(
  line: string,
  deltas: readonly JsonObject[],
  calls: AnsweredCalls,
): readonly Edit[] {
  const edits: Edit[] = [];
  let from = 0;
  const replace = (key: string, before: string, after: string) => {
    const pattern = new RegExp(`"${key}"\\s*:\\s*${escaped(JSON.stringify(before))}`, "g");
    pattern.lastIndex = from;
    const found = pattern.exec(line);
    if (found === null) return;
    from = pattern.lastIndex;
    if (before === after) return;
    const text = `"${key}":${JSON.stringify(after)}`;
    edits.push({ at: found.index, removed: found[0].length, text });
  };
  for (const call of deltas) {
    if (typeof call.id === "string" && call.id !== "") {
      replace("id", call.id, idFor(call.index, call.id, calls.ids));
    }
    const name = isObject(call.function) ? call.function.name : undefined;
    if (typeof name === "string") replace("name", name, calls.names.get(name) ?? name);
  }
  return edits;
}

/**
 * Reads what a line adds to the arguments of calls, after {@linkcode readAnswerEvent} has read it.
 *
 * @param line A line of an event stream, as it was written.
 */
export function readArguments(
  line: string,
  ids: AnsweredCalls["ids"],
): readonly (readonly [id: string, added: string])[] {
  const json = parseObject(line.slice("data:".length));
  return (json === undefined ? [] : deltasOf(json)).flatMap((call) => {
    const added = isObject(call.function) ? call.function.arguments : undefined;
    const id = ids.get(call.index);
    return typeof added === "string" && id !== undefined ? [[id, added] as const] : [];
  });
}

function deltasOf({ choices }: JsonObject): readonly JsonObject[] {
  const list: readonly unknown[] = Array.isArray(choices) ? choices : [];
  return list.filter(isObject).flatMap(({ delta }) => {
    const calls = isObject(delta) ? delta.tool_calls : undefined;
    return Array.isArray(calls) ? calls.filter(isObject) : [];
  });
}

/** The second call of an id is lost in opencode. */
function idFor(index: unknown, id: string, ids: Map<unknown, string>): string {
  const known = ids.get(index);
  if (known !== undefined) return known;
  const used = new Set(ids.values());
  let unique = id;
  for (let use = 2; used.has(unique); use++) unique = `${id}_${use}`;
  ids.set(index, unique);
  return unique;
}

function escaped(text: string): string {
  return text.replace(/[$^*+?.()|[\]{}\\]/g, "\\$&");
}

/**
 * Adds `prompt_tokens_details.cached_tokens` to a usage in which the service sends its own
 * `cached_tokens`: the former is what opencode reads.
 */
function cacheEdits(line: string, usage: unknown): readonly Edit[] {
  if (!isObject(usage)) return [];
  const cached = finite(usage.cached_tokens);
  const details = usage.prompt_tokens_details;
  if (cached === undefined || details === null) return [];
  if (isObject(details)) {
    if (details.cached_tokens !== undefined) return [];
    const added = `"cached_tokens":${cached}`;
    return insertAfter(line, /"prompt_tokens_details"\s*:\s*\{/g, added, cached);
  }
  const added = `"prompt_tokens_details":{"cached_tokens":${cached}}`;
  const at = details === undefined ? onlyUsage(line) : undefined;
  if (at !== undefined) return [{ at, removed: 0, text: `${added},` }];
  return insertAfter(line, /"usage"\s*:\s*\{/g, added, cached);
}

/** Where the only usage of a line begins; without escapes, a word in quotes is a whole string. */
function onlyUsage(line: string): number | undefined {
  const key = line.indexOf(USAGE);
  const isOnly = key !== -1 && line.indexOf('"usage"') === key &&
    line.lastIndexOf('"usage"') === key;
  return isOnly && !line.includes("\\") ? key + USAGE.length : undefined;
}

const USAGE = '"usage":{';

/** The first place of the pattern at which the addition has the meaning that is wanted. */
function insertAfter(
  line: string,
  pattern: RegExp,
  added: string,
  cached: number,
): readonly Edit[] {
  // What stands before it may have been passed on already.
  pattern.lastIndex = line.indexOf('"usage"');
  if (pattern.lastIndex === -1) return [];
  while (pattern.test(line)) {
    const at = pattern.lastIndex;
    const text = /^\s*\}/.test(line.slice(at)) ? added : `${added},`;
    const json = parseObject(line.slice(5, at) + text + line.slice(at));
    const usage = json?.usage;
    const details = isObject(usage) ? usage.prompt_tokens_details : undefined;
    if (isObject(details) && details.cached_tokens === cached) return [{ at, removed: 0, text }];
  }
  return [];
}

/** Moonshot's API has also sent the usage inside of the last choice. Source: kosong, `kimi.py`. */
function totalOf(json: JsonObject): number | undefined {
  const [choice] = Array.isArray(json.choices) ? json.choices : [];
  const usage = isObject(json.usage) ? json.usage : isObject(choice) ? choice.usage : undefined;
  if (!isObject(usage)) return undefined;
  const prompt = finite(usage.prompt_tokens);
  const completion = finite(usage.completion_tokens);
  if (prompt === undefined || completion === undefined) return finite(usage.total_tokens);
  return prompt + completion;
}
