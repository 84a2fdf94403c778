/**
 * The part of opencode's plugin API that is used, under its own names.
 *
 * @see https://opencode.ai/docs/plugins
 */

import type { AuthEntry } from "../../client/tokens/credential.ts";

/** What opencode hands to a plugin. */
export interface PluginInput {
  /** Client of opencode's own server. */
  readonly client: OpencodeClient;
}

/** The calls of opencode's client that are used. */
export interface OpencodeClient {
  /** Credentials. */
  readonly auth: {
    /** Stores an entry of auth.json. */
    readonly set: (options: {
      readonly path: { readonly id: string };
      readonly body: AuthEntry;
    }) => Promise<unknown>;
  };
  /** The terminal interface. */
  readonly tui?: {
    /** Shows a message in a corner. */
    readonly showToast?: (options: { readonly body: Toast }) => Promise<unknown>;
  };
  /** The application. */
  readonly app?: {
    /** Writes a line of the log. */
    readonly log?: (options: {
      readonly body: {
        readonly service: string;
        readonly level: "debug" | "info" | "warn" | "error";
        readonly message: string;
      };
    }) => Promise<unknown>;
  };
}

/** A short message in a corner of opencode's terminal interface. */
export interface Toast {
  /** Its heading. */
  readonly title: string;
  /** Its text. */
  readonly message: string;
  /** Its colour. */
  readonly variant: "info" | "success" | "warning" | "error";
  /** How long it is shown, in milliseconds. */
  readonly duration: number;
}

/** opencode's configuration, as far as it is read and added to. */
export interface Config {
  /** Providers by id. */
  provider?: Record<string, unknown>;
  /** Everything else. */
  [key: string]: unknown;
}

/** The input of `chat.params`. */
export interface ChatParamsInput {
  /** The session. */
  readonly sessionID: string;
  /** The agent's name, or an object with its name. */
  readonly agent?: unknown;
  /** The model. */
  readonly model?: unknown;
  /** The provider. */
  readonly provider?: unknown;
  /** The user's message. */
  readonly message?: unknown;
}

/** What `chat.params` may change. */
export interface ChatParamsOutput {
  /** Options of the SDK's provider; unknown ones become fields of the body. */
  options: Record<string, unknown>;
  /** Everything else. */
  [key: string]: unknown;
}

/** What a login method answers with. */
export interface AuthorizeResult {
  /** Shown to the user. */
  readonly url: string;
  /** Shown to the user. */
  readonly instructions: string;
  /** opencode waits for the callback by itself. */
  readonly method: "auto";
  /** Waits for the login. */
  readonly callback: () => Promise<{ readonly type: "success" } & Omit<AuthEntry, "type">>;
}

/** A login method. */
export interface AuthMethod {
  /** Kind of method. */
  readonly type: "oauth";
  /** What the user picks. */
  readonly label: string;
  /** Starts a login. */
  readonly authorize: () => Promise<AuthorizeResult>;
}

/** The hooks of this plugin. */
export interface Hooks {
  /** Adds the provider. */
  readonly config: (config: Config) => Promise<void>;
  /** Logs in, and gives the SDK its options. */
  readonly auth: {
    /** Id of the provider. */
    readonly provider: string;
    /** Ways to log in. */
    readonly methods: readonly AuthMethod[];
    /** Called once for each instance that has a login, with a function that reads it. */
    readonly loader: (
      getAuth: () => Promise<unknown>,
      provider?: unknown,
    ) => Promise<Record<string, unknown>>;
  };
  /** Sets the parameters of a request. */
  readonly "chat.params": (input: ChatParamsInput, output: ChatParamsOutput) => Promise<void>;
}
