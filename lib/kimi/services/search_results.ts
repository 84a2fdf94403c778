/** The answer of the search service, and the text that a model reads of it. */

import { isObject, type JsonObject, printable } from "../util/json.ts";

/** Characters of a result's summary, of its page, and of all results together. */
const MAX_SNIPPET = 2_000;
const MAX_CONTENT = 20_000;
const MAX_TEXT = 60_000;

/**
 * Makes the text of a search's answer: title, date, site, URL and summary of each result, and the text of
 * its page if the service sent that; `undefined` if the answer holds no list of results.
 *
 * @see kimi-cli 1.51.0 `tools/web/search.py`: the fields, and their order
 */
export function searchText({ search_results: results }: JsonObject): string | undefined {
  if (!Array.isArray(results)) return undefined;
  const texts = results.filter(isObject).map(resultText).filter((text) => text !== "");
  if (texts.length === 0) return "Nothing was found.";
  return shortened(texts.join("\n---\n\n"), MAX_TEXT);
}

function resultText(result: JsonObject): string {
  const lines = [
    ["Title", printable(result.title)],
    ["Date", printable(result.date)],
    ["Site", printable(result.site_name)],
    ["URL", urlOf(result.url)],
    ["Summary", typeof result.snippet === "string" ? shortened(result.snippet, MAX_SNIPPET) : ""],
  ].filter(([, value]) => value !== "").map(([name, value]) => `${name}: ${value}\n`);
  const content = typeof result.content === "string" ? result.content.trim() : "";
  return lines.join("") + (content === "" ? "" : `\n${shortened(content, MAX_CONTENT)}\n`);
}

function urlOf(value: unknown): string {
  return typeof value === "string" && value.length <= 2_000 ? printableUrl(value) : "";
}

/** A URL without white space, which could begin another line. */
function printableUrl(url: string): string {
  return url.toWellFormed().replace(/\s+/g, "");
}

/** The beginning of a text, and a line that says how much was left out. */
export function shortened(text: string, length: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= length) return whole;
  const left = whole.length - length;
  return `${whole.slice(0, length).toWellFormed()}\n[${left} more characters were left out]`;
}
