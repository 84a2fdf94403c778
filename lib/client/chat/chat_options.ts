/** How to chat. */

import type { Spelled } from "../../kimi/chat/body.ts";
import type { ModelAbilities } from "../../kimi/chat/efforts.ts";
import type { EnvSettings } from "../../kimi/chat/env_settings.ts";
import type { HostWords } from "../../kimi/errors/error_words.ts";
import type { KimiError } from "../../kimi/errors/kimi_error.ts";
import type { ClientName } from "../../kimi/identity/constants.ts";
import type { JsonObject } from "../../kimi/util/json.ts";
import type { Environment } from "../environment.ts";
import type { Credential } from "../tokens/credential.ts";

/** The part of the environment that a chat uses. */
export type ChatEnvironment = Pick<
  Environment,
  "versions" | "fetch" | "now" | "localTime" | "alarm" | "device" | "log"
>;

/** What is known of a model. */
export interface ChatModel {
  /** Context length in tokens; 0 if it is unknown. */
  readonly contextLength: number;
  /** Whether it can think. */
  readonly canThink: boolean;
  /** What is known of its thinking. */
  readonly abilities?: ModelAbilities;
  /** Keys of the body that the user wrote, and that are sent although kimi-cli does not send them. */
  readonly userKeys: readonly string[];
}

/** What a host keeps for its chats. */
export interface KeptForChat {
  /** Changes a body before it is converted. */
  readonly prepare: (body: JsonObject) => JsonObject;
  /** How the model spelled the arguments of the tool calls of a session, in their order. */
  readonly spelled: (session: unknown) => readonly Spelled[];
  /** Called for each answer; returns what to call with each piece of the arguments of a tool call in it. */
  readonly onAnswer: (session: string) => (id: string, added: string) => void;
}

/** How to chat. */
export interface ChatOptions {
  /** Whose identity to send. */
  readonly client: ClientName;
  /** kimi-cli's environment variables. */
  readonly settings: EnvSettings;
  /** Finds what is known of a model, by the id that a request names. */
  readonly model: (id: string) => ChatModel;
  /** Ids of the account's models, as far as they are known. */
  readonly models?: () => readonly string[];
  /** What the user can do about an error of the API; plain words by default. */
  readonly words?: () => Promise<HostWords>;
  /** Longest silence within an answer in milliseconds, or `false` for no limit; 300000 by default. */
  readonly chunkTimeout?: number | false | undefined;
  /** What a host keeps of earlier answers and uploads, as soon as that is known. */
  readonly kept?: () => KeptForChat | undefined;
  /** Called after each answer that is not an error. */
  readonly onAnswer?: () => void;
  /** Whether an answer that Kimi's content filter ended is no error; opencode 1.14.34 would say nothing. */
  readonly passesFiltered?: boolean;
  /** Which errors `fetch` rejects with; it answers the others as the API answers an error. */
  readonly rejects?: (error: KimiError) => boolean;
  /** The API base for a login, and the base that the URLs of the caller begin with. */
  readonly base: (credential: Credential) => { readonly from: string; readonly to: string };
}
