/** Ids of tool calls: each is used once in a request, and has at most 64 characters. */

import { fnv1a } from "../util/hash.ts";

/** The service refuses a longer id. Source: the API's error reference. */
const MAX_LENGTH = 64;

/**
 * A client's choice for the id of a call: the first, or another one if that is in use already.
 *
 * @param use 1 for the first choice, 2 for the next.
 * @param isRepeat Whether an earlier call has the same id.
 */
export type CallIdForm = (id: string, use: number, isRepeat: boolean) => string;

/** Gives ids to the calls of one request, and finds them again for their answers. */
export interface CallIds {
  /** The id for a call. */
  readonly call: (id: string) => string;
  /** The id of the call that an answer belongs to; `undefined` if no call waits for it. */
  readonly answer: (id: string) => string | undefined;
  /** Ends the wait for answers, and gives the ids of the calls that have none. */
  readonly unanswered: () => readonly string[];
}

/**
 * Ids for one request. The second and each later use of an id gets a number; as messages are only ever
 * appended, a call keeps its id from request to request.
 */
export function createCallIds(form: CallIdForm): CallIds {
  /** The ids in use, and what was given for each. */
  const used = new Map<string, string>();
  const waiting = new Map<string, string[]>();
  return {
    call(id) {
      let unique = form(id, 1, false);
      if (used.has(unique)) {
        const isRepeat = [...used.values()].includes(id);
        for (let use = 2; used.has(unique); use++) unique = form(id, use, isRepeat);
      }
      used.set(unique, id);
      const ids = waiting.get(id);
      if (ids === undefined) waiting.set(id, [unique]);
      else ids.push(unique);
      return unique;
    },
    answer(id) {
      const ids = waiting.get(id);
      if (ids?.length === 1) waiting.delete(id);
      return ids?.shift();
    },
    unanswered() {
      if (waiting.size === 0) return [];
      const ids = [...waiting.values()].flat();
      waiting.clear();
      return ids;
    },
  };
}

/** An id of at most 64 well-formed characters: its beginning, and a hash of the whole. */
export function shortCallId(id: string): string {
  if (id.length <= MAX_LENGTH) return id === "" ? "call" : id.toWellFormed();
  const hash = fnv1a(id);
  return `${id.slice(0, MAX_LENGTH - hash.length - 1).toWellFormed()}_${hash}`;
}
