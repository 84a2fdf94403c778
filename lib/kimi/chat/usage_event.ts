/** Reads the usage in a line of an event stream, and what to add to it. */

import { finite, isObject, type JsonObject, parseObject } from "../util/json.ts";

/** Text to insert into a line. */
export interface Insertion {
  /** Index into the line. */
  readonly at: number;
  /** ASCII only. */
  readonly text: string;
}

/** The usage in a line. */
export interface UsageEvent {
  /** Tokens that the service counted for request and answer together. */
  readonly total?: number | undefined;
  /** What opencode reads but the service does not send. */
  readonly insertion?: Insertion | undefined;
}

/** Reads a line that may hold a usage. */
export function readUsageEvent(line: string): UsageEvent {
  const json = line.startsWith("data:") ? parseObject(line.slice(5)) : undefined;
  if (json === undefined) return {};
  return { total: totalOf(json), insertion: insertionOf(line, json.usage) };
}

function insertionOf(line: string, usage: unknown): Insertion | undefined {
  if (!isObject(usage)) return undefined;
  const cached = finite(usage.cached_tokens);
  const details = usage.prompt_tokens_details;
  if (cached === undefined || details === null) return undefined;
  if (isObject(details)) {
    if (details.cached_tokens !== undefined) return undefined;
    const added = `"cached_tokens":${cached}`;
    return insertAfter(line, /"prompt_tokens_details"\s*:\s*\{/g, added, cached);
  }
  const added = `"prompt_tokens_details":{"cached_tokens":${cached}}`;
  return insertAfter(line, /"usage"\s*:\s*\{/g, added, cached);
}

/** Finds the first match after which the added text ends up in the right object. */
function insertAfter(
  line: string,
  pattern: RegExp,
  added: string,
  cached: number,
): Insertion | undefined {
  // Anything before it may have been passed on already.
  pattern.lastIndex = line.indexOf('"usage"');
  if (pattern.lastIndex === -1) return undefined;
  while (pattern.test(line)) {
    const at = pattern.lastIndex;
    const text = /^\s*\}/.test(line.slice(at)) ? added : `${added},`;
    const json = parseObject(line.slice(5, at) + text + line.slice(at));
    const usage = json?.usage;
    const details = isObject(usage) ? usage.prompt_tokens_details : undefined;
    if (isObject(details) && details.cached_tokens === cached) return { at, text };
  }
  return undefined;
}

/** Moonshot's API has also sent the usage inside the last choice. Source: kosong, `kimi.py`. */
function totalOf(json: JsonObject): number | undefined {
  const [choice] = Array.isArray(json.choices) ? json.choices : [];
  const usage = isObject(json.usage) ? json.usage : isObject(choice) ? choice.usage : undefined;
  if (!isObject(usage)) return undefined;
  const prompt = finite(usage.prompt_tokens);
  const completion = finite(usage.completion_tokens);
  if (prompt === undefined || completion === undefined) return finite(usage.total_tokens);
  return prompt + completion;
}
