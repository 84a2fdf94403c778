/**
 * The part of opencode 2.x's plugin API that is used, under its own names. Sources: upstream's
 * `packages/plugin/src` (promise API) and `packages/schema/src`, as they are public; not run on 2.x yet.
 */

import { hasFunction } from "./host.ts";

/** A row of opencode's table of credentials. Source: schema `credential.ts`. */
export type OAuthRow = {
  readonly type: "oauth";
  /** The id of the method that made it; rows imported from 1.x have `oauth`. */
  readonly methodID: string;
  readonly refresh: string;
  readonly access: string;
  /** An integer, in milliseconds since 1970. */
  readonly expires: number;
  /** opencode spreads its members into the settings of the provider. Source: core `model-resolver.ts`. */
  readonly metadata?: Readonly<Record<string, unknown>>;
};

/** What a login shows, and the promise of its row. Source: plugin `integration.ts`. */
export type Authorization = {
  readonly mode: "auto";
  readonly url: string;
  readonly instructions: string;
  /** In milliseconds since 1970; without it, an attempt ends after 10 minutes. */
  readonly expiresAt?: number;
  /** Newer releases show a QR code of the URL. */
  readonly device?: true;
  /** Running already; what it rejects with is shown to the user. */
  readonly callback: Promise<OAuthRow>;
};

/** A login method. Source: plugin `integration.ts`. */
export type LoginMethod = {
  readonly integrationID: string;
  readonly method: { readonly id: string; readonly type: "oauth"; readonly label: string };
  /** If it rejects, the client gets HTTP 500 without the words. */
  readonly authorize: () => Promise<Authorization>;
  /** Called with 5 minutes left or less, by several locations at once; if it rejects, the turn fails. */
  readonly refresh: (row: OAuthRow) => Promise<OAuthRow>;
  readonly label: (row: OAuthRow) => string | undefined;
};

/** What a callback of `integration.transform` is given; it is called anew at each rebuild. */
export type IntegrationEditor = {
  readonly update: (id: string, update: (integration: { name: string }) => void) => void;
  readonly method: { readonly update: (method: LoginMethod) => void };
};

/** A provider and its models. Source: schema `provider.ts` and `model.ts`. */
export type ProviderEntry = {
  readonly info: Readonly<Record<string, unknown>>;
  readonly models: readonly Readonly<Record<string, unknown>>[];
};

/** The account that is in use. Source: client `ConnectionInfo`. */
export type Connection = { readonly type: string; readonly id?: string };

/** Source: plugin `integration.ts`; `status` came with 2.0.20 or so. */
export type Connections = {
  readonly active: (integrationID: string) => Promise<Connection | undefined>;
  /** Refreshes if that is due, so that `refresh` must not call it. */
  readonly resolve: (connection: Connection) => Promise<unknown>;
  readonly status?: (report: {
    readonly integrationID: string;
    readonly connection: Connection;
    readonly status: { readonly status: "needs_auth"; readonly message: string } | undefined;
  }) => Promise<unknown>;
};

/** The common part of the events of hooks. Source: plugin `session.ts`. */
type HttpEvent = {
  readonly sessionID: string;
  /** `id` is opencode's id of the model. */
  readonly model: { readonly id: string; readonly providerID: string; readonly variant?: string };
  /** `primary`, `compaction`, `title`, `generate`, or what a newer release adds. */
  readonly kind: string;
};

/** Before a request is sent. Its signal never aborts; what stands in `request` afterwards is sent. */
export type HttpRequestEvent = HttpEvent & { request: Request };

/** After an answer's headers; `request` is what was sent. */
export type HttpResponseEvent = HttpEvent & { readonly request: Request; response: Response };

/** A file that is attached to a prompt. Source: schema `prompt-input.ts`. */
export type PromptFile = {
  /** A `file:` or `data:` URL. */
  readonly uri: string;
  readonly name?: string;
};

/** Before opencode reads the files of a prompt, and stores it. Source: core `session/prompt.ts`. */
export type PromptEvent = {
  readonly sessionID: string;
  readonly prompt: { text: string; files?: readonly PromptFile[] };
  /** Stored with the message. */
  metadata?: Readonly<Record<string, unknown>>;
};

/** Before a request is made of messages and tools; tools may be taken out of it. */
export type ShapeEvent = {
  readonly model: { readonly providerID: string };
  readonly tools?: Record<string, unknown>;
};

/** The hooks that are used; their callbacks are awaited, one after another. */
export type HookEvents = {
  readonly prompt: PromptEvent;
  readonly context: ShapeEvent;
  readonly compaction: ShapeEvent;
  readonly generate: ShapeEvent;
  readonly "http.request": HttpRequestEvent;
  readonly "http.response": HttpResponseEvent;
};

/** What a tool is called with. Source: schema `tool.ts` and plugin `tool.ts`. */
export type ToolCallContext = {
  readonly sessionID: string;
  /** The id of the agent. */
  readonly agent?: unknown;
  /** The id that the model gave the call. */
  readonly id?: unknown;
  readonly signal?: AbortSignal;
};

/** A plugin's tool. Source: schema `tool.ts`. */
export type HostTool = {
  readonly name: string;
  readonly description: string;
  /** A JSON schema. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly options: { readonly codemode: false };
  readonly execute: (
    args: unknown,
    context: ToolCallContext,
  ) => Promise<{ readonly content: string }>;
};

/** The hooks of all tools. Source: plugin `tool.ts`. */
export type ToolEvents = {
  readonly "execute.before": {
    readonly tool: string;
    readonly sessionID: string;
    readonly id: unknown;
  };
  /** `result` is absent if the call failed. */
  readonly "execute.after": {
    readonly tool: string;
    readonly sessionID: string;
    readonly id: unknown;
    result?: { readonly metadata?: unknown };
  };
};

/** A command of the prompt. Source: plugin `command.ts`. */
export type CommandDefinition = {
  readonly name: string;
  readonly description: string;
  readonly execute: (input: { readonly sessionID: string }) => Promise<void>;
};

/** A message that no user wrote: the model reads `text` with the next question. */
export type Synthetic = {
  readonly sessionID: string;
  readonly text: string;
  readonly description: string;
  /** Whether a turn begins. */
  readonly resume: false;
};

/** What `setup` is given; each domain undoes what a plugin registered when it unloads the plugin. */
export type HostContext = {
  readonly app?: { readonly version?: string };
  readonly options?: unknown;
  readonly integration: {
    readonly transform: (edit: (editor: IntegrationEditor) => void) => Promise<unknown>;
    readonly connection?: Connections;
  };
  readonly provider: {
    readonly transform: (
      edit: (editor: { readonly add: (entry: ProviderEntry) => void }) => void,
    ) => Promise<unknown>;
    readonly reload?: () => Promise<unknown>;
  };
  /** All models, with what the user wrote over them. */
  readonly model?: {
    readonly list?: () => Promise<unknown>;
    readonly default?: () => Promise<unknown>;
  };
  readonly agent?: {
    readonly get?: (input: { readonly agentID: string }) => Promise<unknown>;
  };
  readonly tool?: {
    readonly transform?: (
      edit: (editor: { readonly add: (tool: HostTool) => void }) => void,
    ) => Promise<unknown>;
    readonly hook?: <Name extends keyof ToolEvents>(
      name: Name,
      callback: (event: ToolEvents[Name]) => Promise<void> | void,
    ) => Promise<unknown>;
  };
  readonly session: {
    readonly hook: <Name extends keyof HookEvents>(
      name: Name,
      callback: (event: HookEvents[Name]) => Promise<void> | void,
      options?: { readonly providerID: string },
    ) => Promise<unknown>;
    readonly get?: (input: { readonly sessionID: string }) => Promise<unknown>;
    /** The messages that the next request is made of, as they are stored. */
    readonly context?: (input: { readonly sessionID: string }) => Promise<unknown>;
    readonly synthetic?: (message: Synthetic) => Promise<unknown>;
  };
  readonly command?: {
    readonly transform: (
      edit: (editor: { readonly add: (command: CommandDefinition) => void }) => void,
    ) => Promise<unknown>;
  };
  readonly event?: {
    readonly subscribe: (options: { readonly signal: AbortSignal }) => AsyncIterable<unknown>;
  };
};

/** What the plugin cannot do without. 2.0.0 to 2.0.3 have no `provider`. */
const NEEDED = [
  ["session", "hook"],
  ["provider", "transform"],
  ["integration", "transform"],
] as const;

/** The names of needed functions that a context lacks. */
export function missingIn(context: unknown): readonly string[] {
  return NEEDED.filter(([domain, name]) => !hasFunction(context, domain, name))
    .map((path) => path.join("."));
}

/** Whether a context has all that is needed. */
export function isHostContext(context: unknown): context is HostContext {
  return missingIn(context).length === 0;
}
