/** What differs between the chat bodies of clients. */

import type { BodyContext, Conversation } from "../chat/body.ts";
import type { CallIdForm } from "../chat/call_ids.ts";
import type { EffortFields } from "../chat/params.ts";
import type { JsonObject } from "../util/json.ts";

/** The wire format of a client. */
export interface WireFormat {
  /** Keys in their order; those of the user that are not among them come last. */
  readonly keys: readonly string[];
  /** The fields for thinking and effort; a line for what was changed is added to the notes. */
  readonly effortFields: (
    body: JsonObject,
    context: BodyContext,
    notes: Set<string>,
  ) => EffortFields;
  readonly callIds: CallIdForm;
  readonly messages: MessageForm;
  readonly completeSchema: SchemaCompleter;
  /** Puts tools in their order; `undefined` sends no list. */
  readonly arrangeTools: (tools: readonly WireTool[]) => readonly WireTool[] | undefined;
  /** `max_completion_tokens`. */
  readonly completionTokens: (input: BudgetInput) => number;
}

/** A tool that is ready to be sent. */
export interface WireTool {
  readonly name: string;
  readonly tool: unknown;
}

/** The form of messages. */
export interface MessageForm {
  /** Whether the client takes a text for blank, or the service does, which goes by Python. */
  readonly isBlank: (text: string) => boolean;
  /** Whether blank text parts are left out, and messages that hold nothing else; if not, empty ones. */
  readonly dropsBlank: boolean;
  /** The member of a part that holds the URL of an image, sound or video. */
  readonly media: (url: string, id: string | undefined) => JsonObject;
  readonly toolCall: (type: unknown, id: string, called: JsonObject) => JsonObject;
  /** Either member of a tool result may be missing. */
  readonly toolResult: (content: unknown, id: string | undefined) => JsonObject;
}

/** Completes the schema of a tool's parameters; what is complete already is shared with the input. */
export type SchemaCompleter = (schema: JsonObject) => JsonObject;

/** What a budget depends on, in tokens. */
export interface BudgetInput {
  /** Context length of the model; 0 or less if it is unknown. */
  readonly contextLength: number;
  /** The user's cap, if there is one. */
  readonly cap?: number;
  readonly conversation: Conversation;
  /** Estimated tokens of the tools. */
  readonly toolTokens: number;
}
