/** Names of tools: the service takes fewer than opencode does. */

import { fnv1a } from "../util/hash.ts";

/** A letter, then letters, digits, `_` and `-`. Source: answers of the service to other names. */
const TAKEN = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** A tool of the service's own, such as `$web_search`. */
const BUILTIN = /^\$[A-Za-z0-9_-]{0,63}$/;

/** Whether a tool is one of the service's own. */
export function isBuiltin(name: string): boolean {
  return BUILTIN.test(name);
}

const MAX_LENGTH = 64;

/**
 * Finds the name that a tool has on the wire. It depends on the tool's own name alone, so that a
 * conversation keeps its bytes whatever other tools come and go.
 *
 * @param name The tool's name in opencode, such as `21st_list_parts` of an MCP server called `21st`.
 * @returns The name itself if the service takes it, or is its own (`$…`); else what it takes of it and a
 * hash of the whole.
 */
export function toWireName(name: string): string {
  if (TAKEN.test(name) || isBuiltin(name)) return name;
  const hash = fnv1a(name).slice(0, 8);
  const safe = name.replace(/[^A-Za-z0-9_-]+/g, "_");
  const begin = /^[A-Za-z]/.test(safe) ? safe : `t_${safe}`;
  return `${begin.slice(0, MAX_LENGTH - hash.length - 1)}_${hash}`;
}
