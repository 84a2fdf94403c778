/** Transforms of a plugin: when they run, and what a wrong one costs (plugin.ts 67653330499). */

import { isFunction, isObject, messageOf, refuse } from "./types.ts";

/** What a plugin registers transforms for. */
export type Domain = "integration" | "provider" | "model" | "command" | "tool" | "other";

/** Registered callbacks, in the order of plugins. */
export interface Transforms {
  /** Registers one and runs it at once, on a fresh value. */
  readonly add: (domain: Domain, plugin: string, callback: unknown) => Promise<Registration>;
  /** Runs all callbacks of a domain on a fresh editor; the plugin of a wrong one is disabled. */
  readonly run: (domain: Domain, editor: () => object) => void;
  readonly drop: (plugin: string) => void;
  /** How often callbacks ran. */
  readonly runs: number;
}

/** What a plugin is given for what it registered. */
export interface Registration {
  readonly dispose: () => Promise<void>;
}

interface Entry {
  readonly domain: Domain;
  readonly plugin: string;
  readonly callback: (editor: object) => unknown;
}

/** Makes the list; `rebuild` makes a domain anew, `disable` takes all that a plugin registered. */
export function createTransforms(
  rebuild: (domain: Domain) => void,
  disable: (plugin: string, why: string) => void,
): Transforms {
  let entries: readonly Entry[] = [];
  let runs = 0;
  const drop = (gone: (entry: Entry) => boolean) => {
    entries = entries.filter((entry) => !gone(entry));
  };
  return {
    add(domain, plugin, callback) {
      if (!isFunction(callback)) throw new TypeError(`${domain}.transform takes a function`);
      const entry = { domain, plugin, callback };
      entries = [...entries, entry];
      rebuild(domain);
      return Promise.resolve({
        dispose() {
          drop((other) => other === entry);
          rebuild(domain);
          return Promise.resolve();
        },
      });
    },
    run(domain, editor) {
      // A plugin that is disabled takes its other callbacks with it: all are run anew.
      for (let again = true; again;) {
        again = false;
        const fresh = editor();
        for (const { plugin, callback } of entries.filter((entry) => entry.domain === domain)) {
          runs++;
          try {
            const given = callback(fresh);
            refuse(isThenable(given), "a transform must not be asynchronous");
          } catch (error) {
            drop((entry) => entry.plugin === plugin);
            disable(plugin, `${domain} transform: ${messageOf(error)}`);
            again = true;
            break;
          }
        }
      }
    },
    drop: (plugin) => drop((entry) => entry.plugin === plugin),
    get runs() {
      return runs;
    },
  };
}

function isThenable(value: unknown): boolean {
  const found = isObject(value) && isFunction(value.then);
  // The host drops the promise; its rejection would be nobody's.
  if (found && value instanceof Promise) value.catch(() => {});
  return found;
}

/** Freezes a value and all that it holds. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
