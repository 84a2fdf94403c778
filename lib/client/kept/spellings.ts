/** The spellings of tool calls in this process, by session: of calls that run, and of those that a host kept. */

import type { Spelled } from "../../kimi/chat/body.ts";
import { MAX_SPELLED_LENGTH, readSpelling } from "../../kimi/kimi_cli/spelling.ts";

/**
 * How models spelled the arguments of their tool calls, on the way from an answer into the host's store,
 * and from there into later requests. kimi-cli sends arguments back letter by letter, while a host writes
 * them anew.
 */
export interface Spellings {
  /**
   * Returns what adds to the arguments of the calls of one answer. A call that an earlier answer began, which
   * broke off or whose call never ran, begins anew.
   */
  readonly answer: (session: string) => (id: string, added: string) => void;
  /** Removes the arguments of a call that has run; `undefined` if there is nothing to keep. */
  readonly take: (session: string, id: string) => string | undefined;
  /** Notes all calls of a session in their order, with what the host kept of them. */
  readonly note: (
    session: string,
    calls: readonly (readonly [id: string, text: string | undefined])[],
  ) => void;
  /** What was noted last. */
  readonly of: (session: unknown) => readonly Spelled[];
}

/** Of calls that never ran, and of sessions. */
const MAX_KEPT = 256;

const NOTHING: readonly Spelled[] = [];

/** Creates an empty store. */
export function createSpellings(): Spellings {
  const arriving = new Map<string, string>();
  const noted = new Map<unknown, readonly Spelled[]>();
  const keyOf = (session: string, id: string) => `${session}\n${id}`;
  return {
    answer(session) {
      const begun = new Set<string>();
      return (id, added) => {
        const key = keyOf(session, id);
        const before = begun.has(id) ? arriving.get(key) ?? "" : "";
        begun.add(id);
        if (before.length <= MAX_SPELLED_LENGTH) arriving.set(key, before + added);
        forgetOldest(arriving);
      };
    },
    take(session, id) {
      const key = keyOf(session, id);
      const text = arriving.get(key);
      arriving.delete(key);
      return text === undefined ? undefined : readSpelling(id, text).text;
    },
    note(session, calls) {
      const known = noted.get(session) ?? NOTHING;
      noted.delete(session);
      if (calls.length === 0) return;
      const spelled = calls.map(([id, text], index) => {
        const before = known[index];
        if (before?.id === id && before.text === text) return before;
        return text === undefined ? { id } : readSpelling(id, text);
      });
      noted.set(session, spelled);
      forgetOldest(noted);
    },
    of: (session) => noted.get(session) ?? NOTHING,
  };
}

function forgetOldest(map: Map<unknown, unknown>): void {
  const [oldest] = map.keys();
  if (map.size > MAX_KEPT) map.delete(oldest);
}
