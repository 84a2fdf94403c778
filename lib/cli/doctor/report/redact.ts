/**
 * Taking out of a text what tells who somebody is.
 *
 * @module
 */

import { dirname } from "node:path";

/** Takes out of a text what tells who somebody is. */
export type Mask = (text: string) => string;

/** What follows a path's last name. */
const END = String.raw`(?=$|[/\\\s"':,;)])`;

/** What a path begins behind. */
const BEGIN = String.raw`(?<![\w.~/\\-])`;

/**
 * Makes a mask for paths: the working folder is written as `.`, those above it as `..`, the home folder
 * as `~`, or `$HOME` behind a quote, and the user's name anywhere in a path as `[user]`.
 *
 * @param homeFolder The user's home folder; empty where it is not known.
 * @param directory The working folder.
 * @returns The mask.
 * @example
 * ```ts
 * import { pathMask } from "./redact.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const mask = pathMask("/home/ann", "/home/ann/secret/sub");
 * assertEquals(mask("/home/ann/secret/opencode.json"), "../opencode.json");
 * assertEquals(mask("rm /home/ann/.kimi/device_id"), "rm ~/.kimi/device_id");
 * assertEquals(mask('rm "/home/ann/.kimi/device_id"'), 'rm "$HOME/.kimi/device_id"');
 * assertEquals(mask("/mnt/ann/x"), "/mnt/[user]/x");
 * ```
 */
export function pathMask(homeFolder: string, directory: string): Mask {
  // Of the root of all, which is where nobody has a home, nothing is left: it hides nothing.
  const home = homeFolder.replace(/[/\\]+$/, "");
  const rules: (readonly [RegExp, string])[] = [];
  const add = (path: string, name: string) => {
    rules.push([new RegExp(`${BEGIN}${escaped(path)}${END}`, "g"), name]);
  };
  let name = ".";
  for (let at = directory; !isAbove(at, home); at = dirname(at)) {
    add(at, name);
    name = name === "." ? ".." : `${name}/..`;
  }
  const user = home.split(/[/\\]/).at(-1) ?? "";
  if (user !== "") add(home, "~");
  // A shell leaves a tilde between quotes as it is.
  rules.push([/"~(?=[/\\])/g, '"$$HOME']);
  // A container's user may be named like the folders that cures name.
  if (user !== "" && user !== "opencode") {
    rules.push([new RegExp(`([/\\\\@])${escaped(user)}${END}`, "g"), "$1[user]"]);
  }
  return (text) => rules.reduce((rest, [path, name]) => rest.replace(path, name), text);
}

/** Whether a folder is the home folder, or one that it lies in, such as the root of all. */
function isAbove(path: string, home: string): boolean {
  return path === dirname(path) || path === home || home.startsWith(`${path}/`) ||
    home.startsWith(`${path}\\`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/**
 * Ids of accounts, projects and keys as the service writes them into its errors.
 *
 * @see https://github.com/MoonshotAI/kimi-cli/issues/1599
 */
const ACCOUNT_ID = /\b(?:org|proj|c?ak)-[0-9A-Za-z]{12,}/g;

/** What is shorter may stand in a text by chance. */
const MIN_ID = 8;

/**
 * Makes a mask for ids.
 *
 * @param ids Ids that are known.
 * @returns The mask: it hides these, and those that look like an account's.
 * @example
 * ```ts
 * import { idMask } from "./redact.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const mask = idMask(["cp2n8vqtnn0c1bl1i4v0"]);
 * assertEquals(mask("user cp2n8vqtnn0c1bl1i4v0 <ak-f94zcrj6ax1111aqsyq1>"), "user [id] <[id]>");
 * ```
 */
export function idMask(ids: readonly string[]): Mask {
  const known = ids.filter(({ length }) => length >= MIN_ID);
  return (text) =>
    known.reduce((rest, id) => rest.replaceAll(id, "[id]"), text.replace(ACCOUNT_ID, "[id]"));
}

/**
 * Shortens an id so that two can be compared, but neither is told.
 *
 * @param id The id.
 * @returns Its beginning.
 */
export function shortened(id: string): string {
  return id.length > 12 ? `${id.slice(0, 6)}…` : id === "" ? "" : "…";
}

/**
 * Takes user and password out of a URL.
 *
 * @param url The URL, also behind something else, or what stands in its place.
 * @returns The URL without them.
 */
export function withoutUser(url: string): string {
  return url.replace(/(\w:\/\/)[^/\s]*@/, "$1");
}
