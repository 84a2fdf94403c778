/** The domains `session`, `tool` and `agent` of a context (types of 2.0.16, adapter 07bc181c). */

import type { Hooks } from "../hooks.ts";
import type { Transforms } from "../transforms.ts";
import { type Json, object, refuse } from "../types.ts";
import type { Switches } from "../versions.ts";
import type { Sessions } from "./store.ts";
import type { Tools } from "./tools.ts";

/** What they stand on. */
export interface SessionParts {
  readonly hooks: Hooks;
  readonly sessions: Sessions;
  readonly tools: Tools;
  readonly transforms: Transforms;
  readonly switches: Switches;
  readonly notes: { readonly synthetic: Json[] };
  /** The rules of an agent, the user's last. */
  readonly rules: () => readonly Json[];
  readonly rebuild: (domain: "tool") => void;
}

const SYNTHETIC = ["sessionID", "text", "description", "metadata", "delivery", "resume"];

/** 2.0.4 documents `context` alone, for all of them. */
const LATER = ["compaction", "generate", "title"];

export function sessionDomain(parts: SessionParts, plugin: string): Json {
  const { hooks, notes, sessions, switches } = parts;
  return {
    hook(name: unknown, callback: unknown, options?: unknown) {
      const isKnown = switches.hooksByKind || !LATER.includes(String(name));
      if (!isKnown) throw new TypeError(`there is no hook ${name}`);
      return hooks.add(plugin, name, callback, options);
    },
    synthetic(given: unknown) {
      const input = object(JSON.parse(JSON.stringify(given)));
      const strange = Object.keys(input).find((key) => !SYNTHETIC.includes(key));
      const { sessionID, text } = input;
      refuse(strange !== undefined, `synthetic has no ${strange}`);
      refuse(typeof sessionID !== "string" || typeof text !== "string", "sessionID and text");
      notes.synthetic.push(input);
      return Promise.resolve();
    },
    // The adapter unwraps answers that are only `{data}`.
    get: (given: unknown) => Promise.resolve(sessions.info(String(object(given).sessionID))),
    context(given: unknown) {
      const messages = sessions.messages(String(object(given).sessionID));
      return Promise.resolve(switches.wrapsContext ? { data: messages } : messages);
    },
  };
}

export function toolDomain({ tools, transforms, rebuild }: SessionParts, plugin: string): Json {
  return {
    transform: (callback: unknown) => transforms.add("tool", plugin, callback),
    reload() {
      rebuild("tool");
      return Promise.resolve();
    },
    list: () => Promise.resolve(tools.ids().map((id) => ({ id }))),
    hook: (name: unknown, callback: unknown) => tools.hook(plugin, name, callback),
  };
}

export function agentDomain({ rules }: SessionParts): Json {
  return {
    get(given: unknown) {
      const { agentID } = object(given);
      refuse(typeof agentID !== "string", "agentID");
      return Promise.resolve({ location: {}, data: { id: agentID, permissions: rules() } });
    },
  };
}
