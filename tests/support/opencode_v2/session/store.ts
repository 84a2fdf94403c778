/** Sessions as the service stores them (schema session-message.ts 0ceb3dd5, core session/prompt.ts 02973df1). */

import type { Hooks } from "../hooks.ts";
import { HostError, type Json, messageOf, object } from "../types.ts";

/** The stored sessions of a service. */
export interface Sessions {
  /** What is known of a session: its agent and its model, if they were chosen. */
  info: (id: string) => Json;
  readonly choose: (id: string, info: Json) => void;
  messages: (id: string) => readonly Json[];
  readonly add: (id: string, message: Json) => void;
}

/** A prompt as a client sends it. */
export interface PromptInput {
  readonly session: string;
  readonly text: string;
  readonly files?: readonly Json[];
}

/** A prompt as it is stored. */
export interface Admitted {
  readonly text: string;
  readonly files: readonly Json[];
  readonly metadata?: Json;
}

/** Makes an empty store; what it gives has crossed JSON. */
export function createSessions(): Sessions {
  const infos = new Map<string, Json>();
  const stored = new Map<string, string[]>();
  return {
    info: (id) => ({ id, ...infos.get(id) }),
    choose: (id, info) => void infos.set(id, info),
    messages: (id) => (stored.get(id) ?? []).map((text) => object(JSON.parse(text))),
    add(id, message) {
      stored.set(id, [...stored.get(id) ?? [], JSON.stringify(message)]);
    },
  };
}

/** The largest attachment that is read, after the hooks. */
const MAX_ATTACHMENT = 20 * 1024 * 1024;

/** Admits a prompt: its hooks run before its files are read, and what they throw refuses it. */
export async function admit(
  hooks: Hooks,
  sessions: Sessions,
  { session, text, files }: PromptInput,
): Promise<Admitted> {
  const event: Record<string, unknown> = {
    sessionID: session,
    messageID: `msg_${sessions.messages(session).length}`,
    prompt: structuredClone({ text, ...(files === undefined ? {} : { files }) }),
    delivery: "steer",
  };
  try {
    await hooks.run("prompt", event);
  } catch (error) {
    throw new HostError(500, messageOf(error));
  }
  const prompt = object(event.prompt);
  const given = Array.isArray(prompt.files) ? prompt.files.map(object) : [];
  for (const { uri } of given) {
    if (String(uri).length * 3 / 4 > MAX_ATTACHMENT) throw new HostError(400, "too large");
  }
  const admitted: Admitted = {
    text: String(prompt.text),
    files: given,
    ...(event.metadata === undefined ? {} : { metadata: object(event.metadata) }),
  };
  sessions.add(session, { type: "user", ...admitted });
  return admitted;
}
