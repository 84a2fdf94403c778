/** Removes paths and ids from a text. */

import { dirname } from "node:path";
import { escapeRegExp } from "../../shared/escape_regexp.ts";

export type Mask = (text: string) => string;

/** A path in a text begins behind this, and ends before {@linkcode END}. */
const BEGIN = String.raw`(?<![\w.~/\\-])`;

const END = String.raw`(?=$|[/\\\s"':,;)])`;

/**
 * Writes the working folder as `.`, its parents as `..`, the home folder as `~` (behind a quote as
 * `$HOME`), other given folders as `[folder]`, and the user's name in any other path as `[user]`.
 */
export function createPathMask(
  homeFolder: string,
  directory: string,
  others: readonly string[] = [],
): Mask {
  // A home folder "/", as some containers have it, becomes empty and is not masked.
  const home = homeFolder.replace(/[/\\]+$/, "");
  const rules: (readonly [RegExp, string])[] = [];
  const add = (path: string, name: string) => {
    rules.push([new RegExp(`${BEGIN}${escapeRegExp(path)}${END}`, "g"), name]);
  };
  let name = ".";
  for (let at = directory; !containsHome(at, home); at = dirname(at)) {
    add(at, name);
    name = name === "." ? ".." : `${name}/..`;
  }
  const user = home.split(/[/\\]/).at(-1) ?? "";
  if (user !== "") add(home, "~");
  const longestFirst = others.toSorted((one, other) => other.length - one.length);
  for (const folder of longestFirst.filter((at) => at !== dirname(at))) add(folder, "[folder]");
  // A shell does not expand a tilde between quotes.
  rules.push([/"~(?=[/\\])/g, '"$$HOME']);
  // In a container, the user may have the name of a folder that a fix contains.
  if (user !== "" && user !== "opencode") {
    rules.push([new RegExp(`([/\\\\@])${escapeRegExp(user)}${END}`, "g"), "$1[user]"]);
  }
  return (text) => rules.reduce((rest, [path, name]) => rest.replace(path, name), text);
}

/** Whether a path is a root, the home folder, or one of its parents. */
function containsHome(path: string, home: string): boolean {
  return path === dirname(path) || path === home || home.startsWith(`${path}/`) ||
    home.startsWith(`${path}\\`);
}

/** Ids in the service's errors. Source: https://github.com/MoonshotAI/kimi-cli/issues/1599 */
const ACCOUNT_ID = /\b(?:org|proj|c?ak)-[0-9A-Za-z]{12,}/g;

/** Writes the given ids, and those that look like an account's, as `[id]`. */
export function createIdMask(ids: readonly string[]): Mask {
  // A shorter id could be a word of the text.
  const known = ids.filter(({ length }) => length >= 8);
  return (text) =>
    known.reduce((rest, id) => rest.replaceAll(id, "[id]"), text.replace(ACCOUNT_ID, "[id]"));
}

/** Shortens an id so that two of them can still be compared. */
export function shorten(id: string): string {
  return id.length > 12 ? `${id.slice(0, 6)}…` : id === "" ? "" : "…";
}
