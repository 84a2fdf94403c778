/** Tells opencode 2.x from 1.x: of the code for 2.x, a start of 1.x loads only this. */

import { isObject } from "../../kimi/util/json.ts";

/**
 * Whether a plugin's context has hooks of a session: those of opencode 1.17.10 to 1.19, whose early 2.x
 * core calls `setup` too, have none. Reads no key that is absent.
 */
export function isV2Host(context: unknown): boolean {
  return hasFunction(context, "session", "hook");
}

/** Whether a domain of the context has a function. */
export function hasFunction(context: unknown, domain: string, name: string): boolean {
  if (!isObject(context) || !(domain in context)) return false;
  const found = context[domain];
  return isObject(found) && name in found && typeof found[name] === "function";
}
