/** Keeps the spelling of tool-call arguments where opencode keeps the results of the calls. */

import type { Spellings } from "../../../client/kept/spellings.ts";
import { objectOf, text } from "../../../kimi/util/json.ts";
import { ARGUMENTS_MEMBER } from "../../kept_members.ts";
import type { ToolAfterInput, TransformOutput } from "../types.ts";

/**
 * Adds the spelling to the result of a call. opencode calls this for a result alone: a call that failed
 * keeps opencode's own spelling, before a restart as after it.
 */
export function keepSpelling(
  spellings: Spellings,
  { sessionID, callID }: ToolAfterInput,
  output: { metadata?: unknown },
): void {
  const spelled = spellings.take(sessionID, callID);
  if (spelled !== undefined) {
    output.metadata = { ...objectOf(output.metadata), [ARGUMENTS_MEMBER]: spelled };
  }
}

/** Notes what is kept in the messages of a session. */
export function noteSpellings(spellings: Spellings, { messages }: TransformOutput): void {
  const session = text(messages[0]?.info.sessionID);
  if (session === undefined) return;
  const calls: (readonly [string, string | undefined])[] = [];
  for (const { parts } of messages) {
    for (const { type, callID, state } of parts) {
      if (type !== "tool" || typeof callID !== "string") continue;
      calls.push([callID, text(objectOf(objectOf(state).metadata)[ARGUMENTS_MEMBER])]);
    }
  }
  spellings.note(session, calls);
}
