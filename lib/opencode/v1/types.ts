/**
 * The part of opencode's plugin API that is used, under its own names.
 *
 * @see https://opencode.ai/docs/plugins
 */

import type { AuthEntry } from "../../client/tokens/credential.ts";
import type { Notice } from "../quota_notice.ts";

/** What opencode hands to a plugin. */
export type PluginInput = { readonly client: OpencodeClient };

/** The calls that are used of the client of opencode's own server. */
export type OpencodeClient = {
  /** Stores an entry of auth.json. */
  readonly auth: {
    readonly set: (options: {
      readonly path: { readonly id: string };
      readonly body: AuthEntry;
    }) => Promise<unknown>;
  };
  readonly tui?: { readonly showToast?: (options: { readonly body: Notice }) => Promise<unknown> };
  readonly app?: {
    readonly log?: (options: {
      readonly body: {
        readonly service: string;
        readonly level: "debug" | "info" | "warn" | "error";
        readonly message: string;
      };
    }) => Promise<unknown>;
  };
};

/** opencode's configuration, as far as it is read and added to. */
export type Config = {
  /** Providers by id. */
  provider?: Record<string, unknown>;
  [key: string]: unknown;
};

/** The input of `chat.params`. */
export type ChatParamsInput = {
  readonly sessionID: string;
  /** The agent's name, or an object with its name. */
  readonly agent?: unknown;
  readonly model?: unknown;
  readonly provider?: unknown;
  /** The user's message. */
  readonly message?: unknown;
};

/** What `chat.params` may change. */
export type ChatParamsOutput = {
  /** Options of the SDK's provider; unknown ones become fields of the body. */
  options: Record<string, unknown>;
  [key: string]: unknown;
};

/** What a login method returns: opencode shows URL and instructions, and waits for the callback. */
export type AuthorizeResult = {
  readonly url: string;
  readonly instructions: string;
  readonly method: "auto";
  readonly callback: () => Promise<{ readonly type: "success" } & Omit<AuthEntry, "type">>;
};

/** A login method. */
export type AuthMethod = {
  readonly type: "oauth";
  /** The line that the user picks. */
  readonly label: string;
  readonly authorize: () => Promise<AuthorizeResult>;
};

/** The input of `tool.execute.after`. */
export type ToolAfterInput = {
  readonly sessionID: string;
  readonly callID: string;
};

/** A message of a session, as opencode stores it. */
export type StoredMessage = {
  readonly info: { readonly sessionID?: unknown; readonly [key: string]: unknown };
  readonly parts: readonly MessagePart[];
};

/** A part of a message. */
export type MessagePart = {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly [key: string]: unknown;
};

/** What `chat.message` may change: the user's message before it is stored. */
export type ChatMessageOutput = {
  readonly message: { readonly model?: unknown; readonly [key: string]: unknown };
  readonly parts: MessagePart[];
};

/** What `experimental.chat.messages.transform` may change: copies of the messages of one request. */
export type TransformOutput = { readonly messages: StoredMessage[] };

/** What a tool is called with. */
export type ToolContext = {
  /** The id that the model gave the call. */
  readonly callID?: unknown;
  readonly abort?: AbortSignal;
  /** Asks for a permission: a promise, or an Effect in 1.14. */
  readonly ask: (request: {
    readonly permission: string;
    readonly patterns: readonly string[];
    /** What is allowed if the user answers "always". */
    readonly always: readonly string[];
    readonly metadata: Readonly<Record<string, unknown>>;
  }) => unknown;
};

/** A tool of this plugin. */
export type Tool = {
  readonly description: string;
  /** Its parameters, by their names. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly execute: (args: unknown, context: ToolContext) => Promise<string>;
};

/** The hooks of this plugin. */
export type Hooks = {
  /** The plugin's own tools, by their names. */
  readonly tool?: Readonly<Record<string, Tool>>;
  /** Adds the provider. */
  readonly config: (config: Config) => Promise<void>;
  readonly auth: {
    /** The provider's id. */
    readonly provider: string;
    readonly methods: readonly AuthMethod[];
    /** Called once for each instance that has a login; returns options of the SDK. */
    readonly loader: (
      getAuth: () => Promise<unknown>,
      provider?: unknown,
    ) => Promise<Record<string, unknown>>;
  };
  /** Sets the parameters of a request. */
  readonly "chat.params": (input: ChatParamsInput, output: ChatParamsOutput) => Promise<void>;
  /** Sends videos to Kimi before the user's message is stored. */
  readonly "chat.message": (input: unknown, output: ChatMessageOutput) => Promise<void>;
  /** Adds to the result of a tool what is kept of its call. */
  readonly "tool.execute.after": (
    input: ToolAfterInput,
    output: { metadata?: unknown },
  ) => Promise<void>;
  /** Reads what was kept, before the messages of a request are converted. */
  readonly "experimental.chat.messages.transform": (
    input: unknown,
    output: TransformOutput,
  ) => Promise<void>;
};
