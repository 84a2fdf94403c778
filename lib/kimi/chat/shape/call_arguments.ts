/** The arguments of tool calls: the service takes JSON objects alone. */

import { isSameText } from "../../util/same_text.ts";

/** Judges the arguments of the calls of one request, in their order. */
export type JudgeArguments = (args: unknown) => boolean;

/** Begins a request of a conversation: most of its arguments are those of the last request. */
export type KnownArguments = (conversation: string) => JudgeArguments;

/** Conversations that go on at the same time, with agents and their helpers. */
const MAX_CONVERSATIONS = 8;

/** Longer arguments are judged anew each time. */
const MAX_KNOWN_LENGTH = 16_384;

/** Creates a memory of arguments that are good; what is judged does not depend on it. */
export function createKnownArguments(): KnownArguments {
  const conversations = new Map<string, string[]>();
  return (conversation) => {
    const known = conversations.get(conversation) ?? [];
    conversations.delete(conversation);
    conversations.set(conversation, known);
    const [oldest] = conversations.keys();
    if (conversations.size > MAX_CONVERSATIONS) conversations.delete(oldest ?? "");
    let index = -1;
    return (args) => {
      const before = known[++index];
      const isSame = before !== undefined && typeof args === "string" && isSameText(before, args);
      if (isSame) return true;
      if (!isArguments(args)) return false;
      if (args.length <= MAX_KNOWN_LENGTH) known[index] = args;
      return true;
    };
  };
}

/** Longer arguments are judged by their ends: parsing them costs more than a request may. */
const MAX_PARSED_LENGTH = 65_536;

/** Whether arguments are a JSON object. opencode 1.14 also sends what a model wrote in place of one. */
export function isArguments(args: unknown): args is string {
  if (typeof args !== "string" || !args.trimStart().startsWith("{")) return false;
  if (args.length > MAX_PARSED_LENGTH) return args.trimEnd().endsWith("}");
  try {
    JSON.parse(args);
    return true;
  } catch {
    return false;
  }
}
