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

/** The hooks of this plugin. */
export type Hooks = {
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
};
